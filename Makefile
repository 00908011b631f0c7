# Shortcuts; .ci/run is the whole of what must be true.
.PHONY: build test check bench digits

build: ## both commands into bin/
	go build -o bin/ ./cmd/classify ./cmd/trainimg

test:
	go test ./...

check: ## everything that CI runs
	.ci/run

bench: ## kernels, layers, a training step, inference
	go test -run '^$$' -bench . -benchmem ./internal/simd ./pkg/conv ./pkg/train ./pkg/model ./pkg/imageio ./pkg/augment

digits: ## draw data/digits anew
	go run ./internal/digits/gen -out data/digits
