/** Profiles of the running daemon, in the formats that Chrome's developer tools and speedscope open. */
import { Session } from 'node:inspector/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { getHeapSnapshot } from 'node:v8';
import { type Handler, type HttpRequest, type HttpResponse, jsonResponse, textResponse } from '../http/response.ts';
import type { HttpRoute } from '../http/routes.ts';

const defaultSeconds = 10;
const maxSeconds = 60;

export function createProfileRoutes(): readonly HttpRoute[] {
  return [
    {
      path: '/debug/pprof/profile',
      about: `where the processor's time goes, as .cpuprofile; ?seconds=${defaultSeconds}, at most ${maxSeconds}`,
      handler: createCpuProfiler(),
    },
    {
      path: '/debug/pprof/heap',
      about: 'a heap snapshot; it stops the daemon for seconds and takes as much memory again: ?confirm=stop',
      handler: answerHeapSnapshot,
    },
  ];
}

/** One profile at a time: they would slow each other down. */
function createCpuProfiler(): Handler {
  let isBusy = false;
  return async (request) => {
    const seconds = Number(request.query.get('seconds') ?? defaultSeconds);
    if (!(seconds > 0 && seconds <= maxSeconds)) {
      return textResponse(`400 seconds must be more than 0 and at most ${maxSeconds}\n`, 400);
    }
    if (isBusy) return textResponse('409 another profile is being taken, try again later\n', 409);
    isBusy = true;
    try {
      return download(await recordCpu(seconds, request.signal), 'rulewright.cpuprofile');
    } finally {
      isBusy = false;
    }
  };
}

async function recordCpu(seconds: number, signal: AbortSignal): Promise<string> {
  const session = new Session();
  session.connect();
  try {
    await session.post('Profiler.enable');
    await session.post('Profiler.start');
    // Rejects when the caller goes away; the profile then ends with the session.
    await sleep(seconds * 1000, undefined, { signal });
    const { profile } = await session.post('Profiler.stop');
    return JSON.stringify(profile);
  } finally {
    session.disconnect();
  }
}

function answerHeapSnapshot({ query }: HttpRequest): HttpResponse {
  if (query.get('confirm') !== 'stop') {
    return textResponse(
      '403 a heap snapshot stops the daemon for seconds and needs as much memory again: add ?confirm=stop\n',
      403,
    );
  }
  return download(getHeapSnapshot(), 'rulewright.heapsnapshot');
}

function download(body: HttpResponse['body'], file: string): HttpResponse {
  return { ...jsonResponse(body), headers: { 'Content-Disposition': `attachment; filename="${file}"` } };
}
