#!/usr/bin/env bash
# Trains every architecture briefly, exports it, and compares the answers of
# ONNX Runtime and of PyTorch to 1,000 pictures with squint's: the table of
# docs/interop.md. `make check-onnx` runs it.
#
# PYTHON is an interpreter with onnx, onnxruntime, torch, safetensors and numpy;
# without it a virtual environment is made (some 300 MB). The photos are in
# $SQUINT_DATA/catdog/test; without them the model catdog is left out.
set -euo pipefail
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

python=${PYTHON:-}
if [ -z "$python" ]; then
	python3 -m venv "$work/venv"
	python=$work/venv/bin/python
	"$python" -m pip install --quiet --extra-index-url https://download.pytorch.org/whl/cpu numpy onnx onnxruntime safetensors torch
fi
drawings=data/digits
photos=${SQUINT_DATA:-../shared/data}/catdog/test
[ -d "$photos" ] || photos=

go build -o "$work/bin/" ./cmd/trainimg ./internal/interop
folders=()
compare() { # NAME MODEL PICTURES
	mkdir -p "$work/out/$1"
	"$work/bin/interop" "$2" "$3" "$work/out/$1"
	folders+=("$work/out/$1")
}
trained() { # NAME FLAGS…: a network learnt from the drawings
	local name=$1
	shift
	"$work/bin/trainimg" "$drawings" --quiet --epochs 10 --out "$work/$name" "$@" >/dev/null
	compare "$name" "$work/$name/model.safetensors" "$drawings"
}
trained perceptron --arch perceptron
trained rosenblatt --arch perceptron --activation threshold
trained mlp --arch mlp --tta shifts
trained lenet --arch lenet
trained convnet --arch convnet --epochs 2 --tta mirror
for net in pictures vectors odd; do # these have every kind of layer; see pkg/onnx/testdata
	trained "$net" --arch "pkg/onnx/testdata/$net.json"
done
compare digits digits "$drawings"
if [ -n "$photos" ]; then
	compare catdog catdog "$photos"
fi
"$python" internal/interop/check.py "${folders[@]}"
echo

imported=()
for folder in "${folders[@]}"; do # weights that PyTorch has changed come back
	[ -f "$folder/weights.safetensors" ] || continue
	"$work/bin/trainimg" import "$folder/model.safetensors" --safetensors "$folder/weights.safetensors" -o "$folder/back.safetensors" --quiet
	pictures=$drawings
	[ "${folder##*/}" != catdog ] || pictures=$photos
	mkdir "$folder/back"
	"$work/bin/interop" "$folder/back.safetensors" "$pictures" "$folder/back"
	imported+=("$folder")
done
"$python" internal/interop/check.py --back "${imported[@]}"
