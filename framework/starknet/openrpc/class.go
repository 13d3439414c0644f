package openrpc

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"errors"
	"fmt"
	"io"

	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/framework/starknet/class"
	"github.com/switchyard-dev/switchyard/framework/starknet/internal/strictjson"
)

// MaxProgram limits the text of a Cairo 0 program, in bytes, once it is unpacked.
const MaxProgram = 64 << 20

// AppendClass appends c, which is a *[class.Sierra] (CONTRACT_CLASS) or a *[class.Cairo0]
// (DEPRECATED_CONTRACT_CLASS), whose program is compressed.
func AppendClass(dst []byte, c class.Class) ([]byte, error) {
	switch c := c.(type) {
	case *class.Sierra:
		return append(dst, c.Text()...), nil
	case *class.Cairo0:
		return appendCairo0(dst, c)
	}
	return dst, fmt.Errorf("openrpc: a %T is not served as a class", c)
}

func appendCairo0(dst []byte, c *class.Cairo0) ([]byte, error) {
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := z.Write(c.ProgramText()); err != nil {
		return dst, fmt.Errorf("compress program: %w", err)
	}
	if err := z.Close(); err != nil {
		return dst, fmt.Errorf("compress program: %w", err)
	}
	w := strictjson.NewWriter(dst)
	w.Object(func() {
		w.TextField("program", base64.StdEncoding.EncodeToString(packed.Bytes()))
		w.Key("entry_points_by_type")
		w.Raw(c.EntryPointsText())
		if string(c.ABI) != "null" {
			w.Key("abi")
			w.Raw(c.ABI)
		}
	})
	return w.Bytes(), nil
}

// ParseClass parses what AppendClass made: a *[class.Sierra] or a *[class.Cairo0].
func ParseClass(data []byte) (class.Class, error) {
	var packed string
	r := strictjson.NewReader(data)
	r.Map(func(key []byte) {
		if string(key) == "program" {
			packed = r.Text()
			return
		}
		r.Raw()
	})
	if err := r.Finish(); err != nil {
		return nil, err
	}
	if packed == "" {
		c, err := class.ParseSierra(data)
		if err != nil {
			return nil, err
		}
		return c, nil
	}
	program, err := unpack(packed)
	if err != nil {
		return nil, fmt.Errorf("program: %w (%w)", err, starknet.ErrJSON)
	}
	c, err := class.ParseCairo0Parts(data, program)
	if err != nil {
		return nil, err
	}
	return c, nil
}

var errTooLong = errors.New("unpacks to more than the limit")

// unpack decodes a program, at most MaxProgram bytes of it.
func unpack(text string) ([]byte, error) {
	packed, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, err
	}
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	program, err := io.ReadAll(io.LimitReader(z, MaxProgram+1))
	if err != nil {
		return nil, err
	}
	if len(program) > MaxProgram {
		return nil, errTooLong
	}
	return program, nil
}
