# Shortcuts; .ci/run is the whole of what must be true.
.PHONY: build test check bench digits check-onnx

build: ## both commands into bin/
	go build -o bin/ ./cmd/classify ./cmd/trainimg

test:
	go test ./...

check: ## everything that CI runs
	.ci/run

bench: ## everything beside its peers, into docs/performance.md; BENCH="-rounds 1" for flags
	go run ./bench $(BENCH) >docs/performance.new && mv docs/performance.new docs/performance.md

check-onnx: ## ONNX Runtime's and PyTorch's answers beside ours: docs/interop.md (PYTHON=… or network access)
	internal/interop/check.sh

digits: ## draw data/digits anew
	go run ./internal/digits/gen -out data/digits
