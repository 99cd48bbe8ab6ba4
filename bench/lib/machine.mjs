// Processes on this machine: started on a fixed core, measured through /proc, ended by their number.
import { spawn } from 'node:child_process';
import { openSync, readFileSync, readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const TICKS_PER_SECOND = 100;
const running = new Set();

export const LOAD_CORE = 0; // load generator and subgraphs
export const ROUTER_CORE = 1; // what is measured

// Starts a program on one core, with its output in a file.
export function start(core, command, args, { log, env = {}, cwd } = {}) {
    const out = openSync(log, 'a');
    const child = spawn('taskset', ['-c', `${core}`, command, ...args], {
        stdio: ['ignore', out, out], env: { ...process.env, ...env }, cwd });
    const p = { child, log, name: command, ended: null };
    child.on('exit', (code, signal) => { p.ended = `${code ?? signal}`; running.delete(p); });
    child.on('error', (e) => { p.ended = e.message; running.delete(p); });
    running.add(p);
    return p;
}

export async function stop(p) {
    if (!p || p.ended !== null) return;
    const family = tree(p.child.pid);
    p.child.kill('SIGTERM');
    for (let i = 0; i < 50 && p.ended === null; i++) await sleep(100);
    for (const pid of p.ended === null ? family : family.slice(1)) {
        try { process.kill(pid, 'SIGKILL'); } catch { /* it has ended by itself */ }
    }
}

export const stopAll = () => Promise.all([...running].map(stop));

export async function until(what, p, ready, ms = 30000) {
    for (const end = Date.now() + ms; Date.now() < end; await sleep(100)) {
        if (p?.ended != null) throw new Error(`${what} has ended (${p.ended}); see ${p.log}`);
        if (await ready().catch(() => false)) return;
    }
    throw new Error(`${what} is not ready after ${ms / 1000} s; see ${p?.log}`);
}

function tree(pid) {
    const parents = readdirSync('/proc').filter((n) => /^\d+$/.test(n)).map((n) => {
        try { return [Number(n), Number(stat(n)[1])]; } catch { return [0, 0]; }
    });
    const all = [pid];
    for (let i = 0; i < all.length; i++) all.push(...parents.filter(([, up]) => up === all[i]).map(([child]) => child));
    return all;
}

// The fields of /proc/PID/stat after the name, which may hold anything.
const stat = (pid) => readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /s, '').split(' ');

// CPU seconds of a process and its children.
export const cpuSeconds = (p) =>
    tree(p.child.pid).reduce((sum, pid) => sum + Number(stat(pid)[11]) + Number(stat(pid)[12]), 0) / TICKS_PER_SECOND;

const memoryMb = (p, field) =>
    tree(p.child.pid).reduce((sum, pid) => sum + Number(new RegExp(`${field}:\\s+(\\d+)`).exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0), 0) / 1024;

export const residentMb = (p) => memoryMb(p, 'VmRSS');
export const peakMb = (p) => memoryMb(p, 'VmHWM');

// Of each core's time, how much the host gave to others ("steal" of proc(5)), in ticks since the machine began.
export const stolen = () => [ROUTER_CORE, LOAD_CORE].map((core) => {
    const ticks = new RegExp(`^cpu${core} (.*)$`, 'm').exec(readFileSync('/proc/stat', 'utf8'))[1].split(' ').slice(0, 8).map(Number);
    return { stolen: ticks[7], all: ticks.reduce((sum, n) => sum + n, 0) };
});

export const stolenSince = (before) =>
    stolen().map((now, i) => 100 * (now.stolen - before[i].stolen) / Math.max(now.all - before[i].all, 1));

// One run of wrk: requests per second, latencies in ms, errors.
export async function load(url, bodiesFile, seconds, connections, headers = {}) {
    const lua = new URL('../load.lua', import.meta.url).pathname;
    const child = spawn('taskset', ['-c', `${LOAD_CORE}`, 'wrk', '-t1', `-c${connections}`, `-d${seconds}s`, '--timeout', '20s',
        '-s', lua, url, '--', bodiesFile, ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`)]);
    let text = '';
    child.stdout.on('data', (d) => { text += d; });
    child.stderr.on('data', (d) => { text += d; });
    await new Promise((done, fail) => { child.on('exit', done); child.on('error', fail); });
    const found = /^RESULT (.*)$/m.exec(text);
    if (!found) throw new Error(`wrk did not finish:\n${text}`);
    const r = JSON.parse(found[1]);
    return { ...r, perSecond: r.requests / (r.us / 1e6), p50: r.p50 / 1000, p99: r.p99 / 1000 };
}
