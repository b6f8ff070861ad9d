"""Pulumi Deployments starts the run inside the window: the program that announces the window also asks for that run.

For a program whose stack is deployed by Pulumi Deployments already. It needs `pip install pulumi-pulumiservice`.
"""

import pulumi
import pulumi_pulumiservice as pulumiservice

import statuspage_provider as statuspage


def deploy_when_open(
    window: statuspage.StatusPageMaintenance, opts: pulumi.ResourceOptions | None = None
) -> pulumiservice.DeploymentSchedule:
    """One `pulumi up` of this stack at the window's start. Where the window is moved, so is the run."""
    return pulumiservice.DeploymentSchedule(
        "when-open",
        organization=pulumi.get_organization(),
        project=pulumi.get_project(),
        stack=pulumi.get_stack(),
        timestamp=window.start_at,
        pulumi_operation=pulumiservice.PulumiOperation.UPDATE,
        opts=opts,
    )
