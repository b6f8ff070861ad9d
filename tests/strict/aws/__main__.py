"""An upgrade on AWS in one maintenance window: a database and its parameters, a service, and who may reach them."""

from datetime import timedelta
from typing import cast

import pulumi
import pulumi_aws as aws

import statuspage_provider as statuspage

config = pulumi.Config()
version = config.require("engineVersion")

window = statuspage.StatusPageMaintenance(
    "orders-upgrade",
    status_page_id=config.require("pageId"),
    name="Orders database upgrade",
    message=f"We are upgrading the orders database to PostgreSQL {version}. Orders wait for a few minutes.",
    start_at=config.require("startAt"),
    duration=timedelta(hours=2),
    time_zone="Europe/Berlin",
    affected_component_ids=[config.require("componentId")],
    notify_subscribers={"scheduled", "in_progress", "complete"},
    triggers=[version],
)
window.guard_deletions()
window.cover_stack(types=["aws:ec2/*"], outside="hold")

reached = aws.ec2.SecurityGroup(
    "orders",
    description="Who may reach the orders database.",
    ingress=[
        aws.ec2.SecurityGroupIngressArgs(protocol="tcp", from_port=5432, to_port=5432, cidr_blocks=["10.0.0.0/16"])
    ],
)
parameters = aws.rds.ParameterGroup(
    "orders",
    family="postgres16",
    parameters=[aws.rds.ParameterGroupParameterArgs(name="work_mem", value="65536")],
    opts=window.covering(),
)
database = aws.rds.Instance(
    "orders",
    engine="postgres",
    engine_version=version,
    instance_class="db.t4g.medium",
    allocated_storage=100,
    parameter_group_name=parameters.name,
    vpc_security_group_ids=[reached.id],
    manage_master_user_password=True,
    username="orders",
    apply_immediately=True,
    opts=window.covering(
        pulumi.ResourceOptions(protect=True),
        outside=cast(statuspage.Outside, config.get("outside") or "fail"),
        failure_message="It takes longer than planned.",
        extend_up_to="1h",
    ),
)
service = aws.ecs.Service(
    "orders",
    task_definition=config.require("taskDefinition"),
    desired_count=2,
    opts=window.covering(pulumi.ResourceOptions(depends_on=[database]), outside="hold", on_failure="incident"),
)
window.complete_after(reached, parameters, database, service, message="The orders database is upgraded.")

pulumi.export("endpoint", database.endpoint)
pulumi.export("window", window.id)
pulumi.export("announced", window.notices.apply(lambda notices: [notice["event"] for notice in notices]))
