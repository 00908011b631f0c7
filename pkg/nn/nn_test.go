package nn_test

import (
	"encoding/json"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"squint/internal/rng"
	"squint/pkg/conv"
	"squint/pkg/mlp"
	"squint/pkg/nn"
	"squint/pkg/tensor"
)

var lenetLike = nn.Specs{
	conv.Conv2D{Filters: 6, Kernel: 5, Pad: 2}, nn.ReLU{}, conv.MaxPool{Size: 2},
	conv.Residual{Body: nn.Specs{conv.Conv2D{Filters: 6, Kernel: 3, Pad: 1, NoBias: true}, conv.BatchNorm{}}},
	nn.Flatten{}, nn.Dropout{P: 0.25}, mlp.Dense{Units: 3, Init: "glorot"}, nn.Softmax{},
}

func TestSpecsAreTheirJSON(t *testing.T) {
	b, err := json.Marshal(lenetLike)
	if err != nil {
		t.Fatal(err)
	}
	want := `[{"kind":"conv","filters":6,"kernel":5,"pad":2},{"kind":"relu"},{"kind":"maxpool","size":2},` +
		`{"kind":"residual","body":[{"kind":"conv","filters":6,"kernel":3,"pad":1,"no_bias":true},{"kind":"batchnorm"}]},` +
		`{"kind":"flatten"},{"kind":"dropout","p":0.25},{"kind":"dense","units":3,"init":"glorot"},{"kind":"softmax"}]`
	if string(b) != want {
		t.Errorf("got  %s\nwant %s", b, want)
	}
	var back nn.Specs
	if err := json.Unmarshal(b, &back); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(back, lenetLike) {
		t.Errorf("read back: %v", back)
	}
}

func TestBadNetworkFiles(t *testing.T) {
	for text, say := range map[string]string{
		`{}`:                               "network",
		`[{"units":3}]`:                    "layer 0: no kind",
		`[{"kind":"relu"},{"kind":"x"}]`:   `layer 1: unknown kind "x"`,
		`[{"kind":"dense","unit":3}]`:      `unknown field "unit"`,
		`[{"kind":"dense","units":"a"}]`:   "layer 0 (dense)",
		`[{"kind":"residual","body":[3]}]`: "layer 0 (residual)",
	} {
		var s nn.Specs
		err := json.Unmarshal([]byte(text), &s)
		if err == nil || !strings.Contains(err.Error(), say) {
			t.Errorf("%s: error %v, want one with %q", text, err, say)
		}
	}
}

func TestUnbuildableNetworks(t *testing.T) {
	picture, vector := tensor.Shape{H: 28, W: 28, C: 1}, tensor.Vec(9)
	for _, c := range []struct {
		in    tensor.Shape
		specs nn.Specs
		say   string
	}{
		{vector, nil, "without layers"},
		{tensor.Shape{}, nn.Specs{nn.ReLU{}}, "input 0×0×0"},
		{picture, nn.Specs{mlp.Dense{Units: 3}}, "layer 0 (dense) on input 28×28×1: want a vector: put flatten in front"},
		{vector, nn.Specs{mlp.Dense{}}, "0 units"},
		{vector, nn.Specs{mlp.Dense{Units: 3, Init: "random"}}, `unknown init "random"`},
		{vector, nn.Specs{nn.Dropout{P: 1}}, "want 0 ≤ p < 1"},
		{picture, nn.Specs{conv.Conv2D{Filters: 2, Kernel: 29}}, "larger than the picture"},
		{picture, nn.Specs{conv.Conv2D{Filters: 2, Kernel: 3, Stride: -1}}, "out of range"},
		{picture, nn.Specs{conv.MaxPool{Size: 29}}, "want a size of 1 to 15"},
		{tensor.Shape{H: 3, W: 3, C: 1}, nn.Specs{conv.AvgPool{Size: 4}}, "larger than the picture"},
		{picture, nn.Specs{conv.GlobalPool{Mode: "median"}}, `mode "median"`},
		{picture, nn.Specs{conv.Residual{}}, "without a body"},
		{picture, nn.Specs{conv.Residual{Body: nn.Specs{conv.MaxPool{Size: 2}}}}, "the body ends in 14×14×1 and the skip in 28×28×1"},
		{picture, nn.Specs{nn.ReLU{}}, "ends in 28×28×1, want a vector"},
		{picture, nn.Specs{nn.Softmax{}}, "softmax wants a vector"},
		{vector, nn.Specs{mlp.Dense{Units: 1 << 24}, mlp.Dense{Units: 1 << 24}}, "too many"},
		{picture, nn.Specs{conv.Conv2D{Filters: 1 << 16, Kernel: 3, Pad: 200}, conv.Conv2D{Filters: 1 << 16, Kernel: 1}}, "too large"},
	} {
		_, err := nn.New(c.in, 2, c.specs...)
		if err == nil || !strings.Contains(err.Error(), c.say) {
			t.Errorf("%v: error %v, want one with %q", c.specs, err, c.say)
		}
	}
}

func TestReplicasShareWeightsOnly(t *testing.T) {
	in := tensor.Shape{H: 8, W: 8, C: 2}
	net, err := nn.New(in, 2, lenetLike...)
	if err != nil {
		t.Fatal(err)
	}
	rep, err := net.Replica(5)
	if err != nil {
		t.Fatal(err)
	}
	x := tensor.NewBatch(2, in, net.Border())
	for i := range x.Runs() {
		for j := range x.Run(i) {
			x.Run(i)[j] = float32(i*7%5) - float32(j%3)
		}
	}
	a := slices.Clone(net.Forward(x, false).Data)
	if b := rep.Forward(x, false).Data; !slices.Equal(a, b) {
		t.Errorf("the replica answers %v, the network %v", b, a)
	}
	net.Init(5) // what the network is given, the replica has
	a = slices.Clone(net.Forward(x, false).Data)
	if b := rep.Forward(x, false).Data; !slices.Equal(a, b) {
		t.Errorf("after new weights the replica answers %v, the network %v", b, a)
	}
	y := rep.Forward(x, true)
	rep.Backward(y)
	if slices.Max(rep.G) == 0 || slices.Max(net.G) != 0 {
		t.Error("gradients are not the replica's own")
	}
}

func TestParamOrderIsAPermutation(t *testing.T) {
	net, err := nn.New(tensor.Shape{H: 8, W: 8, C: 3}, 1, lenetLike...)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range net.Params() {
		w := make([]float32, p.Size())
		for i := range w {
			w[i] = float32(i + 1)
		}
		p.Import(w)
		back := make([]float32, p.Size())
		p.Export(back)
		if !slices.Equal(back, w) {
			t.Errorf("%s: import and export do not cancel", p.Name)
		}
		for from := range len(w) { // in pieces that begin and end anywhere
			clear(p.W)
			mid := from + (len(w)-from)/3
			p.ImportAt(mid, w[mid:])
			p.ImportAt(from, w[from:mid])
			p.ImportAt(0, w[:from])
			if p.Export(back); !slices.Equal(back, w) {
				t.Fatalf("%s: imported in pieces up to %d, %d and the end: other weights", p.Name, from, mid)
			}
		}
		if p.Strides != nil { // and sixteen outputs at a time
			clear(p.W)
			inner := len(w) / p.Dims[0]
			for o := 0; o < p.Dims[0]; o += 16 {
				p.ImportPanel(o, w[o*inner:min(o+16, p.Dims[0])*inner], make([]float32, 16*inner))
			}
			if p.Export(back); !slices.Equal(back, w) {
				t.Fatalf("%s: imported by panels: other weights", p.Name)
			}
		}
		for i, at := range p.Places() {
			if at != p.Place(i) || p.W[at] != w[i] {
				t.Fatalf("%s: element %d lies at %d, %d, and is %g there, want %g", p.Name, i, at, p.Place(i), p.W[at], w[i])
			}
		}
		zeros := 0
		for _, v := range p.W {
			if v == 0 {
				zeros++
			}
		}
		if zeros != p.Span()-p.Size() {
			t.Errorf("%s: %d values of padding, want %d", p.Name, zeros, p.Span()-p.Size())
		}
	}
}

func TestNamesArePyTorchs(t *testing.T) {
	net, err := nn.New(tensor.Shape{H: 8, W: 8, C: 3}, 1, lenetLike...)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, p := range net.Params() {
		names = append(names, p.Name)
	}
	want := "0.weight 0.bias 3.body.0.weight 3.body.1.weight 3.body.1.bias 3.body.1.running_mean 3.body.1.running_var 6.weight 6.bias"
	if got := strings.Join(names, " "); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// Initial weights have the mean and variance that their names promise. With
// 40,000 draws the variance is good to 1 % (√(2/n) = 0.7 % for a normal one),
// 5 % being seven times that.
func TestInitialisations(t *testing.T) {
	const out, in, k = 100, 100, 2
	for name, variance := range map[string]float64{
		"he": 2.0 / (in * k * k), "glorot": 2.0 / (in*k*k + out*k*k), "uniform": 0.05 * 0.05 / 3, "zeros": 0,
	} {
		net, err := nn.New(tensor.Shape{H: 2, W: 2, C: in}, 1, conv.Conv2D{Filters: out, Kernel: k, Init: name})
		if err != nil {
			t.Fatal(err)
		}
		w := make([]float32, out*in*k*k)
		net.Params()[0].Export(w)
		var sum, sq float64
		for _, v := range w {
			sum += float64(v)
			sq += float64(v) * float64(v)
		}
		n := float64(len(w))
		if math.Abs(sq/n-variance) > 0.05*variance || math.Abs(sum/n) > 5*math.Sqrt(variance/n) {
			t.Errorf("%s: mean %g, variance %g, want 0 and %g", name, sum/n, sq/n, variance)
		}
	}
}

func TestInitDependsOnTheSeed(t *testing.T) {
	weights := func(seed uint64) []float32 {
		net, err := nn.New(tensor.Vec(5), 1, mlp.Dense{Units: 7}, nn.ReLU{}, mlp.Dense{Units: 5})
		if err != nil {
			t.Fatal(err)
		}
		net.Init(3)
		net.Init(seed) // what was before does not matter
		return net.W
	}
	if !slices.Equal(weights(1), weights(1)) || slices.Equal(weights(1), weights(2)) {
		t.Error("initial weights must be a function of the seed")
	}
}

// Dropout keeps the expected sum: a share p is zero, the rest is scaled up.
func TestDropout(t *testing.T) {
	const p = 0.3
	net, err := nn.New(tensor.Vec(20000), 1, nn.Dropout{P: p})
	if err != nil {
		t.Fatal(err)
	}
	x := tensor.NewBatch(1, tensor.Vec(20000), 0)
	for i := range x.Data {
		x.Data[i] = 1
	}
	net.SetKey(rng.Key(rng.Dropout, 1))
	first := slices.Clone(net.Forward(x, true).Data)
	zeros := 0
	for _, v := range first {
		switch {
		case v == 0:
			zeros++
		case math.Abs(float64(v)-1/(1-p)) > 1e-6:
			t.Fatalf("a value became %v", v)
		}
	}
	if d := math.Abs(float64(zeros)/20000 - p); d > 5*math.Sqrt(p*(1-p)/20000) {
		t.Errorf("%d of 20000 dropped", zeros)
	}
	if !slices.Equal(net.Forward(x, true).Data, first) {
		t.Error("one key gave two masks")
	}
	net.SetKey(rng.Key(rng.Dropout, 2))
	if slices.Equal(net.Forward(x, true).Data, first) {
		t.Error("two keys gave one mask")
	}
	if !slices.Equal(net.Forward(x, false).Data, x.Data) {
		t.Error("dropout at inference")
	}
}

func TestTargets(t *testing.T) {
	for _, c := range []struct {
		outputs   int
		output    string
		smoothing float32
		want      []float32 // for labels 1 and 0
	}{
		{3, "softmax", 0, []float32{0, 1, 0, 1, 0, 0}},
		{4, "softmax", 0.2, []float32{0.05, 0.85, 0.05, 0.05, 0.85, 0.05, 0.05, 0.05}}, // each row sums to 1
		{3, "sigmoid", 0.2, []float32{0.1, 0.9, 0.1, 0.9, 0.1, 0.1}},
		{1, "sigmoid", 0, []float32{1, 0}},
		{1, "sigmoid", 0.2, []float32{0.9, 0.1}},
	} {
		got := make([]float32, len(c.want))
		nn.Targets(got, []int{1, 0}, c.outputs, c.output, c.smoothing)
		for i, w := range c.want {
			if math.Abs(float64(got[i]-w)) > 1e-6 {
				t.Errorf("%d %s, smoothing %g: %v, want %v", c.outputs, c.output, c.smoothing, got, c.want)
				break
			}
		}
	}
}

func TestProbabilities(t *testing.T) {
	ln := func(x float64) float32 { return float32(math.Log(x)) }
	for _, c := range []struct {
		output string
		z      []float32
		want   []float64
	}{
		{"softmax", []float32{ln(1), ln(2), ln(5)}, []float64{0.125, 0.25, 0.625}},
		{"softmax", []float32{1000, 1000 + ln(3)}, []float64{0.25, 0.75}}, // does not overflow
		{"sigmoid", []float32{ln(3)}, []float64{0.25, 0.75}},
		{"sigmoid", []float32{ln(1), ln(3), ln(3)}, []float64{0.25, 0.375, 0.375}}, // ½, ¾, ¾ by their sum
		{"sigmoid", []float32{-300, -300 + ln(3), -400}, []float64{0.25, 0.75, 0}},
		{"sigmoid", []float32{-2000, -2000, -3000}, []float64{0.5, 0.5, 0}}, // all too small for a sum
		{"threshold", []float32{ln(1), ln(3), ln(3)}, []float64{0.25, 0.375, 0.375}},
		{"", []float32{ln(1), ln(3)}, []float64{0.25, 0.75}},
	} {
		p := make([]float32, len(c.want))
		nn.Probabilities(p, c.z, c.output)
		for i, w := range c.want {
			if !(math.Abs(float64(p[i])-w) < 1e-4) { // logarithms of float32 near 1000 have steps of 6e-5
				t.Errorf("%s of %v: %v, want %v", c.output, c.z, p, c.want)
				break
			}
		}
	}
}

func TestNamesOfThings(t *testing.T) {
	for _, name := range []string{"relu", "sigmoid", "tanh", "softplus", "identity", "threshold", "softmax"} {
		s, err := nn.ActivationNamed(name)
		if err != nil || nn.Kind(s) != name {
			t.Errorf("activation %s: %v, %v", name, s, err)
		}
	}
	for _, output := range []string{"sigmoid", "softmax", "threshold"} {
		if f := nn.LossFor(output).Fused(); f != output {
			t.Errorf("the loss for %s fuses with %q", output, f)
		}
	}
	for _, f := range []func(string) error{
		func(s string) error { _, err := nn.ActivationNamed(s); return err },
		func(s string) error { _, err := nn.LossNamed(s); return err },
		func(s string) error { _, err := nn.InitNamed(s); return err },
	} {
		if f("nothing") == nil {
			t.Error("an unknown name was accepted")
		}
	}
}

func TestInferenceAnswersTheSame(t *testing.T) {
	in := tensor.Shape{H: 8, W: 8, C: 2}
	net, err := nn.New(in, 2, lenetLike...)
	if err != nil {
		t.Fatal(err)
	}
	lean, err := net.Inference(2)
	if err != nil {
		t.Fatal(err)
	}
	store, err := nn.NewInference(in, 0, lenetLike...)
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range net.Params() {
		w := make([]float32, p.Size())
		p.Export(w)
		store.Params()[i].Import(w)
	}
	store.Sync()
	fresh, err := store.Inference(2)
	if err != nil {
		t.Fatal(err)
	}
	x := tensor.NewBatch(2, in, net.Border())
	for i := range x.Runs() {
		for j := range x.Run(i) {
			x.Run(i)[j] = float32(i*5%7) - float32(j%4)
		}
	}
	want := slices.Clone(net.Forward(x, false).Data)
	plain, err := store.Replica(2)
	if err != nil {
		t.Fatal(err)
	}
	if got := plain.Forward(x, false).Data; !slices.Equal(got, want) {
		t.Errorf("layer by layer the answer is %v, want %v", got, want)
	}
	for name, n := range map[string]*nn.Network{"replica": lean, "fresh": fresh} {
		for i, v := range n.Forward(x, false).Data {
			if math.Abs(float64(v-want[i])) > 1e-6 { // batch norm is folded: other roundings
				t.Errorf("%s answers %v at %d, want %v", name, v, i, want[i])
			}
		}
		if n.G != nil {
			t.Errorf("%s has gradients", name)
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("training an inference network did not panic")
		}
	}()
	lean.Forward(x, true)
}

func TestWrongBatchPanicsWithBothShapes(t *testing.T) {
	net, err := nn.New(tensor.Vec(4), 2, mlp.Dense{Units: 1})
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []tensor.Batch{tensor.NewBatch(3, tensor.Vec(4), 0), tensor.NewBatch(1, tensor.Vec(5), 0)} {
		func() {
			defer func() {
				if s, _ := recover().(string); !strings.Contains(s, "at most 2×4") {
					t.Errorf("panic %q", s)
				}
			}()
			net.Forward(x, false)
		}()
	}
}
