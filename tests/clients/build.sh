#!/usr/bin/env bash
# Gets the clients ready that the tests in this folder run: client-node is installed, the program over client-go is built
# from the Go module proxy into .cache/clients. The first build takes a minute or two, later ones a second.
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
cache="$here/../../.cache/clients"
mkdir -p "$cache"

# Of the runtimes it takes a Node, because the library's own may be too old for client-node.
"$here/../runtimes/install.sh"
"$here/../runtimes/install.sh" "$here"

# Renamed into place, so an aborted build leaves no half of it. Without cgo no C compiler is needed.
partial="$(mktemp "$cache/client_go.XXXXXX")"
trap 'rm -f "$partial"' EXIT
(cd "$here/client_go" && CGO_ENABLED=0 GOFLAGS=-mod=readonly go build -ldflags "-s -w" -o "$partial" .)
mv "$partial" "$cache/client_go"
