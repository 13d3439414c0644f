// Package proto is the folder of the wire contract, in the language of Protocol Buffers: what a plugin in any
// language serves. Its Go form is generated into internal/pb.
package proto

//go:generate go tool -modfile=../../.ci/buf.mod buf lint
//go:generate go tool -modfile=../../.ci/buf.mod buf generate
