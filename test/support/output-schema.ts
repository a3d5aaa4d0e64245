/** Checks what `-o json` writes against docs/schema/output.json, as a program would. */
import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';

const schemaFile = new URL('../../docs/schema/output.json', import.meta.url);

function compileSchema() {
  const schema: unknown = JSON.parse(readFileSync(schemaFile, 'utf8'));
  if (typeof schema !== 'object' || schema === null) throw new Error('docs/schema/output.json is no object');
  return new Ajv2020({ allErrors: false, strict: true }).compile(schema);
}

const validate = compileSchema();

/** What is wrong with a text, where it is no valid output; empty where nothing is. */
export function schemaErrors(text: string): readonly string[] {
  const value: unknown = JSON.parse(text);
  if (validate(value)) return [];
  return (validate.errors ?? []).map(({ instancePath, message, params }) =>
    [instancePath, message, JSON.stringify(params)].join(' '),
  );
}
