// Package link is the data plane: one direct connection between two plugins, over which the adapters of the
// scheduler, the VM and the store send what they say to each other per transaction. The host brokers it and is
// not in the way: it asks one side to [Listen], hands the [Ticket] to the other, and that one calls [Dial].
//
// A [Conn] carries one-way frames, calls with an answer (many at a time, in both directions), errors that are
// still the same errors on the other side, cancellation, and credits by which a receiver bounds what it is sent.
// It knows nothing of what the payloads mean.
//
// # Carriers
//
// A carrier moves bytes both ways and is an io.ReadWriteCloser; each Write is given whole frames. There are two:
// [Frames], a unix socket with the frames as they are, and [GRPCStream], a gRPC stream of messages of one or more
// frames each, for languages and systems where that is easier (framework/proto/switchyard/v1/link.proto).
//
// # Frames
//
//	frame = u32 length | u64 id | u8 kind | payload      little endian; length counts the payload; id 0 = one-way
//
//	kind          id        payload
//	 0 hello      0         u16 version | Bytes token | [Bytes] features | u32 max frame | u64 max message |
//	                        u32 calls | [ u8 kind, u32 credits ]
//	 1 answer     call      what the handler of the call answered
//	 2 error      call      Error: the call ended with it
//	 3 cancel     call      empty: the caller does not wait any longer; the call is answered all the same
//	 4 credit     0         ( u8 kind | u32 credits ), any number of them
//	 5 ping       any       empty
//	 6 pong       of ping   empty
//	 7 first      transfer  u64 id | u8 kind | u64 length | the first bytes of the payload of a large frame
//	 8 more       transfer  the bytes that follow
//	 9 drop       transfer  empty: the rest will not come
//	10 close      0         Error: why the sender is about to close the carrier
//	11-31                   not used yet: skipped
//	32-255        0, call   one-way frames and calls of the adapters
//
// Bytes, [T] and Error are encoded as in package codec. Numbers of calls and of transfers are chosen by the
// sender, start at 1 and are not used twice.
//
// # Rules
//
// The dialer sends its hello with the token, then the listener sends its own with an empty token. There is one
// hello each way and it is the first frame. A frame whose payload is longer than the max frame of the receiver's
// hello is a protocol error; longer payloads travel as transfers, up to max message for all unfinished transfers
// together and at most 64 of them. A frame of another kind may come between two frames of a transfer, so a huge
// payload delays a small frame by no more than one frame.
//
// A call takes one of the receiver's calls until it is answered. A one-way frame of a kind that the receiver's
// hello names takes credits of that kind, which the receiver gives back with credit frames; what a frame costs is
// agreed by the adapters (see [Options.Weigh]). Sending without is a protocol error. Other one-way frames are
// limited only by how fast the receiver reads.
//
// Unknown kinds are skipped, answers to unknown calls are dropped; a call of a kind that is not served is answered
// with framework.ErrUnsupported. After a protocol error the link is closed, and the other side is told what was
// expected.
package link
