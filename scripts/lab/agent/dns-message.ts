/** As much of DNS (RFC 1035) as one question and one TXT answer need. */

const headerLength = 12;
const typeTxt = 16;
const classIn = 1;
/** An answer with the question's name: a pointer to offset 12, where the question stands. */
const pointerToQuestion = 0xc00c;

export function encodeQuestion(id: number, name: string): Buffer {
  const labels = name.split('.').flatMap((label) => [Buffer.from([label.length]), Buffer.from(label)]);
  return Buffer.concat([words(id, 0x0100, 1, 0, 0, 0), ...labels, Buffer.from([0]), words(typeTxt, classIn)]);
}

/** The answer to `question` (a message of ours): one TXT record with these texts, each below 256 bytes. */
export function encodeAnswer(question: Buffer, texts: readonly string[]): Buffer {
  const data = Buffer.concat(texts.flatMap((text) => [Buffer.from([text.length]), Buffer.from(text)]));
  const header = words(question.readUInt16BE(0), 0x8580, 1, 1, 0, 0);
  const record = Buffer.concat([words(pointerToQuestion, typeTxt, classIn, 0, 0, data.length), data]);
  return Buffer.concat([header, question.subarray(headerLength), record]);
}

/** The texts of the TXT record in an answer made by `encodeAnswer`. */
export function decodeAnswer(question: Buffer, answer: Buffer): string[] {
  if (answer.readUInt16BE(0) !== question.readUInt16BE(0)) throw new Error('a DNS answer to another question');
  const texts: string[] = [];
  for (let at = question.length + 12; at < answer.length; ) {
    const end = at + 1 + answer.readUInt8(at);
    texts.push(answer.toString('utf8', at + 1, end));
    at = end;
  }
  return texts;
}

function words(...values: readonly number[]): Buffer {
  const buffer = Buffer.alloc(values.length * 2);
  for (const [i, value] of values.entries()) buffer.writeUInt16BE(value, i * 2);
  return buffer;
}
