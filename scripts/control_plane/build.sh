#!/usr/bin/env bash
# Builds etcd, kube-apiserver and kubectl for the tests, unless they are there, and prints their folder on the last line
# of stdout; progress goes to stderr. The first build takes about six minutes on two cores.
#
# None has a prebuilt download that may be assumed, but all build from the Go module proxy. etcd and Kubernetes have a
# module of their own beside this script, because they need different versions of the same libraries. It names its commands
# as `tool`s, so no Go code of ours is needed, and it is committed with its go.sum, so a build resolves nothing.
#
# To change a version: edit the `require` line and, for Kubernetes, the `replace` lines (v1.35.4 goes with v0.35.4 of
# each staging module), then run `GOFLAGS=-mod=mod go get -tool <command>@<version>` there. Not every patch version is
# complete on the proxy: v1.35.6 of Kubernetes is not.
set -euo pipefail

if [[ -n "${KUBEBUILDER_ASSETS:-}" ]]; then # the caller brings binaries of their own
  echo "$KUBEBUILDER_ASSETS"
  exit
fi

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
cache="$here/../../.cache/control-plane"
mkdir -p "$cache/bin"
cache="$(cd "$cache" && pwd)"

# Binaries are renamed into place, so an aborted build leaves no half of one; same folder, as a rename needs one disk.
partial="$(mktemp -d "$cache/partial.XXXXXX")"
trap 'rm -rf "$partial"' EXIT

# build <name> <module> <command> [ldflags]
function build() {
  local name="$1" module="$here/$2" command="$3" ldflags="-s -w ${4:-}"
  local stamp="$cache/bin/$name.go.mod"
  # A copy of go.mod beside the binary tells which versions it was made of; it is written last.
  if [[ -x "$cache/bin/$name" ]] && cmp -s "$module/go.mod" "$stamp"; then return; fi
  echo "building $name from ${command}, which takes minutes" >&2
  # Without cgo no C compiler is needed, and the binary runs on any libc.
  (cd "$module" && CGO_ENABLED=0 GOFLAGS=-mod=readonly go build -ldflags "$ldflags" -o "$partial/$name" "$command") >&2
  cp "$module/go.mod" "$partial/$name.go.mod"
  mv "$partial/$name" "$cache/bin/$name"
  mv "$partial/$name.go.mod" "$stamp"
  echo "built $cache/bin/$name" >&2
}

# Built outside of its own repository, Kubernetes calls itself v0.0.0-master unless it is told its version.
function version_flags() {
  local package="k8s.io/component-base/version" version
  version="$(awk '$1 == "require" && $2 == "k8s.io/kubernetes" { print $3 }' "$here/kube-apiserver/go.mod")"
  local major="${version%%.*}" minor="${version#*.}"
  echo "-X $package.gitVersion=$version -X $package.gitMajor=${major#v} -X $package.gitMinor=${minor%%.*}"
}

build etcd etcd go.etcd.io/etcd/server/v3
build kube-apiserver kube-apiserver k8s.io/kubernetes/cmd/kube-apiserver "$(version_flags)"
build kubectl kube-apiserver k8s.io/kubernetes/cmd/kubectl "$(version_flags)"
echo "$cache/bin"
