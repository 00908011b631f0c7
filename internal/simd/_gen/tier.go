package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/attr"
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/ir"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// tier is what differs between sets of vector instructions.
type tier struct {
	name   string
	width  int                   // float32 values in a vector
	rows   int                   // most rows of a product's tile, which is two vectors wide
	narrow int                   // the same of a tile that is one vector wide
	vec    func() reg.VecVirtual // a new vector register
}

// Six rows of two vectors, two vectors of B and a broadcast of A take 15 of AVX2's
// 16 vector registers. AVX-512 has 32, but a row also takes a register that points
// into A, and there are 8 for that. Eight sums are also what keeps two units busy
// that take four cycles each, which counts where a row is one vector.
var (
	avx2   = tier{name: "AVX2", width: 8, rows: 6, narrow: 8, vec: YMM}
	avx512 = tier{name: "AVX512", width: 16, rows: 8, narrow: 8, vec: ZMM}
)

// vec is short for what the functions that write loops take and give.
type vec = reg.VecVirtual

func (t tier) vecs(n int) []vec {
	vs := make([]vec, n)
	for i := range vs {
		vs[i] = t.vec()
	}
	return vs
}

// function begins an assembly function of this tier.
func (t tier) function(name, signature, doc string) {
	TEXT(name+t.name, attr.NOSPLIT, signature)
	Pragma("noescape")
	Doc(fmt.Sprintf("%s%s %s", name, t.name, doc))
}

func (t tier) ret() {
	VZEROUPPER()
	RET()
}

// pointer loads the address of a slice argument's first value.
func pointer(slice string) reg.GPVirtual {
	return Load(Param(slice).Base(), GP64()).(reg.GPVirtual)
}

// length loads the length of a slice argument.
func length(slice string) reg.GPVirtual {
	return Load(Param(slice).Len(), GP64()).(reg.GPVirtual)
}

// broadcast loads a float32 argument into all lanes of a new vector.
func (t tier) broadcast(arg string) vec {
	b, err := Param(arg).Resolve()
	if err != nil {
		panic(err)
	}
	v := t.vec()
	VBROADCASTSS(b.Addr, v)
	return v
}

// constant fills all lanes of a new vector with the 32 bits.
func (t tier) constant(bits uint32) vec {
	r, x, v := GP32(), XMM(), t.vec()
	MOVL(U32(bits), r)
	VMOVD(r, x)
	VPBROADCASTD(x, v)
	return v
}

// align puts the next instruction, the head of a hot loop, at the start of a
// 32-byte line of code.
func align() {
	Instruction(&ir.Instruction{Opcode: "PCALIGN", Operands: []Op{Imm(32)}})
}

// mask loads which lanes to touch: AVX2 has a word for each lane and puts them
// in a vector, AVX-512 has a bit for each.
func (t tier) mask(m Mem) Op {
	if t.width == 8 {
		v := t.vec()
		VMOVUPS(m, v)
		return v
	}
	k := K()
	KMOVW(m, k)
	return k
}

// mask is nil for whole vectors, else the register that says which lanes to touch.
func load(m Mem, v vec, mask Op) {
	switch mask.(type) {
	case nil:
		VMOVUPS(m, v)
	case vec:
		VMASKMOVPS(m, mask, v)
	default:
		VMOVUPS_Z(m, mask, v)
	}
}

func store(m Mem, v vec, mask Op) {
	switch mask.(type) {
	case nil:
		VMOVUPS(v, m)
	case vec:
		VMASKMOVPS(v, mask, m)
	default:
		VMOVUPS(v, mask, m)
	}
}

// storeLanes writes the first n of v's 8 lanes, 0 < n < 9, to m, which lies in
// row, and changes v and row: in place of a masked store, which takes processors of AMD a
// dozen cycles.
func storeLanes(m Mem, v vec, row, n reg.GPVirtual, label string) {
	x := v.AsX()
	BTQ(Imm(3), n)
	JCC(LabelRef(label + "_below8"))
	VMOVUPS(v, m)
	JMP(LabelRef(label + "_stored"))
	Label(label + "_below8")
	BTQ(Imm(2), n)
	JCC(LabelRef(label + "_below4"))
	VMOVUPS(x, m)
	VEXTRACTF128(Imm(1), v, x)
	ADDQ(Imm(16), row)
	Label(label + "_below4")
	BTQ(Imm(1), n)
	JCC(LabelRef(label + "_below2"))
	VMOVLPS(x, m)
	VPERMILPS(Imm(0xee), x, x)
	ADDQ(Imm(8), row)
	Label(label + "_below2")
	BTQ(Imm(0), n)
	JCC(LabelRef(label + "_stored"))
	VMOVSS(x, m)
	Label(label + "_stored")
}

// lanes is a table in the assembly: 8 words of ones, then 8 of zeros.
var lanes Mem

// firstLanes returns a mask of the first n of 8 lanes, 0 < n < 8, for a number
// that only the running code knows.
func firstLanes(n reg.GPVirtual) vec {
	if lanes.Base == nil {
		lanes = GLOBL("lanes", attr.RODATA|attr.NOPTR)
		for i := range 16 {
			ones := U32(0)
			if i < 8 {
				ones = ^ones
			}
			DATA(4*i, ones)
		}
	}
	table, back, mask := GP64(), GP64(), YMM()
	LEAQ(lanes, table)
	MOVQ(n, back)
	NEGQ(back)
	VMOVUPS(Mem{Base: table, Index: back, Scale: 4, Disp: 32}, mask)
	return mask
}
