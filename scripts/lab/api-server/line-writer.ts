/** How the test API server writes watches. */
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { trickle } from './answer.ts';
import type { Fault, StreamFault } from './faults.ts';

/** Takes whole lines with their ends, in turn; resolves when they are sent. */
export type SendLines = (lines: readonly string[]) => Promise<void>;

/** Starts the answer of a watch. */
export function startWatchAnswer(response: ServerResponse, fault: Fault | undefined): SendLines {
  response.writeHead(200, { 'Content-Type': 'application/json' });
  response.flushHeaders();
  if (fault?.does === 'trickle') return inTurn((lines) => trickle(response, lines.join(''), fault));
  const closed = once(response, 'close').catch(() => undefined);
  const send = inTurn((lines) => sendLines(response, lines, closed));
  return fault !== undefined && 'afterLines' in fault ? withFault(send, response, fault) : send;
}

/** Enough lines for one write to be worth it, and few enough that a reader who is slow makes us wait. */
const linesPerWrite = 64;

async function sendLines(response: ServerResponse, lines: readonly string[], closed: Promise<unknown>): Promise<void> {
  for (let at = 0; at < lines.length && !response.writableEnded && !response.destroyed; at += linesPerWrite) {
    const isTaken = response.write(lines.slice(at, at + linesPerWrite).join(''));
    if (!isTaken) await Promise.race([once(response, 'drain'), closed]);
  }
}

function inTurn(send: SendLines): SendLines {
  let last = Promise.resolve();
  return (lines) => {
    last = last.then(() => send(lines));
    return last;
  };
}

/** Lets so many lines through, then strikes once, and says no more. */
function withFault(send: SendLines, response: ServerResponse, fault: StreamFault): SendLines {
  let left = fault.afterLines;
  let hasStruck = false;
  return async (lines) => {
    if (hasStruck) return;
    const allowed = lines.slice(0, left);
    left -= allowed.length;
    hasStruck = left === 0;
    await send(allowed);
    if (hasStruck) strike(response, fault, lines[allowed.length] ?? '{"type":"ADDED","object":{"metadata":{}}}');
  };
}

function strike(response: ServerResponse, fault: StreamFault, nextLine: string): void {
  switch (fault.does) {
    case 'cut':
      response.write(nextLine.slice(0, nextLine.length / 2), () => response.destroy());
      return;
    case 'end':
      response.end();
      return;
    case 'say':
      response.write(`${fault.text}\n`);
      return;
    case 'go-silent':
      return;
    default:
      fault satisfies never;
  }
}
