package nn

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

var (
	decoders = map[string]func([]byte) (Spec, error){}
	kinds    = map[reflect.Type]string{}
)

// Register makes a kind of layer known under the name that its JSON carries.
// Packages that define kinds call it from init.
func Register[S Spec](kind string) {
	t := reflect.TypeFor[S]()
	if _, dup := decoders[kind]; dup {
		panic("nn: kind registered twice: " + kind)
	}
	kinds[t] = kind
	decoders[kind] = func(b []byte) (Spec, error) {
		var s S
		d := json.NewDecoder(bytes.NewReader(b))
		d.DisallowUnknownFields()
		if err := d.Decode(&s); err != nil {
			return nil, err
		}
		return s, nil
	}
}

// Kinds returns the registered names, sorted.
func Kinds() []string {
	var k []string
	for name := range decoders {
		k = append(k, name)
	}
	slices.Sort(k)
	return k
}

// Kind returns the name under which the Spec's type is registered.
func Kind(s Spec) string {
	k, ok := kinds[reflect.TypeOf(s)]
	if !ok {
		panic(fmt.Sprintf("nn: %T is not registered", s))
	}
	return k
}

// Specs is a network as data. In JSON it is a list of objects, each with its
// kind first:
//
//	[{"kind":"dense","units":300},{"kind":"relu"},{"kind":"dense","units":10},{"kind":"softmax"}]
type Specs []Spec

// MarshalJSON implements json.Marshaler.
func (s Specs) MarshalJSON() ([]byte, error) {
	out := []byte{'['}
	for i, spec := range s {
		if i > 0 {
			out = append(out, ',')
		}
		fields, err := json.Marshal(spec)
		if err != nil {
			return nil, err
		}
		out = fmt.Appendf(out, `{"kind":%q`, Kind(spec))
		if len(fields) > 2 { // more than {}
			out = append(out, ',')
		}
		out = append(out, fields[1:]...)
	}
	return append(out, ']'), nil
}

// UnmarshalJSON implements json.Unmarshaler. Unknown kinds and fields are
// errors that name the layer.
func (s *Specs) UnmarshalJSON(b []byte) error {
	var items []map[string]json.RawMessage
	if err := json.Unmarshal(b, &items); err != nil {
		return fmt.Errorf("nn: network: %w", err)
	}
	*s = nil
	for i, item := range items {
		var kind string
		if err := json.Unmarshal(item["kind"], &kind); err != nil {
			return fmt.Errorf("nn: layer %d: no kind", i)
		}
		decode, ok := decoders[kind]
		if !ok {
			return fmt.Errorf("nn: layer %d: unknown kind %q (known: %s)", i, kind, strings.Join(Kinds(), ", "))
		}
		delete(item, "kind")
		fields, err := json.Marshal(item)
		if err != nil {
			return err
		}
		spec, err := decode(fields)
		if err != nil {
			return fmt.Errorf("nn: layer %d (%s): %w", i, kind, err)
		}
		*s = append(*s, spec)
	}
	return nil
}
