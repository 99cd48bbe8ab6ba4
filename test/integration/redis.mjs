// A private Redis without persistence on a Unix socket, which a test can stop and start again.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export async function startRedis() {
  const dir = mkdtempSync(join(tmpdir(), 'paintbox-redis.')), socket = join(dir, 'socket');
  let child;
  const redis = {
    address: `unix:${socket}`,
    call: (...args) => execFileSync('redis-cli', ['-s', socket, ...args], { encoding: 'utf8' }).trim(),
    async start() {
      child = spawn('redis-server', ['--port', '0', '--unixsocket', socket, '--save', '', '--appendonly', 'no', '--dir', dir], { stdio: 'ignore' });
      for (let i = 0; i < 100 && !existsSync(socket); i++) await new Promise((resolve) => setTimeout(resolve, 100));
    },
    async stop() {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await ended;
      rmSync(socket, { force: true });
    },
  };
  process.once('exit', () => { child?.kill('SIGKILL'); rmSync(dir, { recursive: true, force: true }); });
  await redis.start();
  return redis;
}
