//go:build tools

// Package engine names the one program that is built from this module, so that go.mod pins all it needs.
package engine

import _ "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
