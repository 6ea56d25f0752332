// Package wire turns messages into bytes and back, the same way every time.
//
// The bytes are those of protocol buffers, so any protobuf tool can look at them. There is no generated code
// and no reflection: a message names its fields once, in a method that serves both directions.
//
//	type Mark struct {
//		Stream Stream
//		Next   uint64
//		Final  bool
//	}
//
//	func (m *Mark) Fields(c *wire.Coder) {
//		wire.Nested(c, 1, &m.Stream)
//		c.Uint64(2, &m.Next)
//		c.Bool(3, &m.Final)
//	}
//
// Fields visits every field once, in ascending order of its number, whatever the message holds. A number,
// once released, keeps its meaning for ever. What the rest of the project leans on:
//
//   - The encoding is canonical: equal values have equal bytes, and bytes that decode without unknown fields
//     are exactly what encoding the value gives back. Zero values are omitted; a zero, a number with
//     needless bytes, a repeated or misplaced field is refused. Floats are equal when their bits are; nil
//     and empty slices are.
//   - Fields that a message does not know are skipped, so peers of different versions understand each other.
//   - Decoding is safe on any input: lengths are checked before memory is taken, [MaxDepth] and
//     [MaxElements] bound what a few bytes can blow up to, and it returns errors that name message and
//     field.
//   - Decoding sets every visited field, so a message may be decoded into a used value. []byte fields alias
//     the input; strings are copies.
//
// There are no maps, because their order is nobody's: a message holds a sorted list. wire does not check
// UTF-8, and it does not know what a value means: a message's owner validates it after decoding.
package wire
