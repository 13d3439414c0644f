package jsonrpc

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"

	"github.com/switchyard-dev/switchyard/framework/felt"
	"github.com/switchyard-dev/switchyard/framework/starknet"
	"github.com/switchyard-dev/switchyard/host/mempool"
)

// message is a message from L1 as it is made up.
type message struct {
	From     *felt.Felt  `json:"from_address"`
	To       *felt.Felt  `json:"to_address"`
	Selector *felt.Felt  `json:"entry_point_selector"`
	Payload  []felt.Felt `json:"payload"`
	Nonce    felt.Felt   `json:"nonce"`
	Paid     felt.Felt   `json:"paid_fee_on_l1"`
}

// l1Message puts a message from L1 into the mempool.
func (s *Server) l1Message(w http.ResponseWriter, r *http.Request) {
	m := message{Paid: felt.One}
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, s.limits.Body))
	d.DisallowUnknownFields()
	err := d.Decode(&m)
	if err == nil && (m.From == nil || m.To == nil || m.Selector == nil) {
		err = errMessage
	}
	paid, ok := starknet.Uint128FromFelt(m.Paid)
	if err == nil && !ok {
		err = errPaid
	}
	if err != nil {
		write(w, http.StatusBadRequest, map[string]string{"error": err.Error()})
		return
	}
	hash, err := s.admission.AddMessage(&starknet.L1Handler{
		Contract: *m.To, Selector: *m.Selector, Nonce: m.Nonce, Calldata: append([]felt.Felt{*m.From}, m.Payload...),
	}, paid)
	var no *mempool.Refusal
	switch {
	case errors.As(err, &no):
		write(w, http.StatusUnprocessableEntity, map[string]string{"error": no.Text})
	case err != nil:
		s.log.Error("message from L1", "error", err)
		write(w, http.StatusInternalServerError, map[string]string{"error": "internal error"})
	default:
		write(w, http.StatusOK, map[string]felt.Felt{"transaction_hash": hash})
	}
}

// casm takes the compiled code of a class.
func (l *Listener) casm(w http.ResponseWriter, r *http.Request) {
	text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, l.server.limits.Body))
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		write(w, http.StatusRequestEntityTooLarge, map[string]string{"error": "the request is longer than it may be"})
		return
	}
	if err != nil {
		return // who asked has gone
	}
	hash, err := l.admit(text)
	if err != nil {
		write(w, http.StatusUnprocessableEntity, map[string]string{"error": err.Error()})
		return
	}
	write(w, http.StatusOK, map[string]felt.Felt{"compiled_class_hash": hash})
}

var (
	errMessage = errors.New("want from_address, to_address and entry_point_selector")
	errPaid    = errors.New("paid_fee_on_l1 has more than 128 bits")
)
