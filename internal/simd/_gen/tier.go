package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/ir"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// tier is what differs between sets of vector instructions.
type tier struct {
	name  string
	width int                   // float32 values in a vector
	rows  int                   // most rows of a product's tile
	vec   func() reg.VecVirtual // a new vector register
}

var avx2 = tier{name: "AVX2", width: 8, rows: 6, vec: YMM}

func (t tier) vecs(n int) []reg.VecVirtual {
	vs := make([]reg.VecVirtual, n)
	for i := range vs {
		vs[i] = t.vec()
	}
	return vs
}

// function begins an assembly function of this tier.
func (t tier) function(name, signature, doc string) {
	TEXT(name+t.name, 4 /* NOSPLIT */, signature)
	Pragma("noescape")
	Doc(fmt.Sprintf("%s%s %s", name, t.name, doc))
}

func (t tier) ret() {
	VZEROUPPER()
	RET()
}

// align puts the next instruction, the head of a hot loop, at the start of a
// 32-byte line of code.
func align() {
	Instruction(&ir.Instruction{Opcode: "PCALIGN", Operands: []Op{Imm(32)}})
}

// mask is nil for whole vectors, else the register that holds the lanes to touch.
func load(m Mem, v, mask reg.VecVirtual) {
	if mask == nil {
		VMOVUPS(m, v)
	} else {
		VMASKMOVPS(m, mask, v)
	}
}

func store(m Mem, v, mask reg.VecVirtual) {
	if mask == nil {
		VMOVUPS(v, m)
	} else {
		VMASKMOVPS(v, mask, m)
	}
}
