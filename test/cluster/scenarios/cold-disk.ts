/** A disk that holds the files of one image alone, so that they can be out of memory. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { type Node, runCtr } from '../cluster.ts';
import { archiveImage, copyLastgood } from '../images/images.ts';
import { runInside } from '../node/namespaces.ts';

/** The image of lastgood, of which no other pod of these tests has a file in memory. */
export const COLD_IMAGE = 'docker.io/library/lastgood:cold';

const SIZE = '1G';
const SNAPSHOTS = 'containerd/io.containerd.snapshotter.v1.overlayfs/snapshots';
const SECTOR_BYTES = 512;

/**
 * A file as a block device, with a read-ahead that it does not share: nothing changes for the disk of this machine. It
 * takes the place of the layer of {@link COLD_IMAGE}, and of the directory that the kubelet has for a pod.
 */
export class ColdDisk {
  readonly #node: Node;
  /** What containerd has of the image, without what a container adds. */
  readonly #layer: string;
  /** Where the kernel shows the device. */
  readonly #settings: string;
  readonly #mounts = new Set<string>();

  /** Loads {@link COLD_IMAGE} too. Rejects on a machine without block devices of files, or without overlay. */
  static async create(t: TestContext, node: Node): Promise<ColdDisk> {
    const dir = join(node.dir, 'cold');
    mkdirSync(dir);
    const marker = await loadImage(node, dir);
    const [found] = globSync(join(node.dir, SNAPSHOTS, '*/fs', marker));
    if (found === undefined) throw new Error('containerd has no layers here');
    const file = join(dir, 'disk');
    execFileSync('truncate', ['--size', SIZE, file]);
    execFileSync('mkfs.ext4', ['-q', '-F', file]);
    const attach = ['--find', '--show', '--direct-io=on', file];
    const device = execFileSync('losetup', attach, { encoding: 'utf8' }).trim();
    const disk = new ColdDisk(node, dirname(found), join('/sys/block', basename(device)));
    disk.#keepReadAhead(t);
    t.after(() => disk.#unmountAll());
    await disk.#mount(device);
    return disk;
  }

  private constructor(node: Node, layer: string, settings: string) {
    this.#node = node;
    this.#layer = layer;
    this.#settings = settings;
  }

  get readAheadKib(): number {
    return Number(readFileSync(this.#readAhead, 'utf8'));
  }

  set readAheadKib(kib: number) {
    writeFileSync(this.#readAhead, String(kib));
  }

  /** How much was read since the device exists. */
  get readBytes(): number {
    const [, , sectors] = readFileSync(join(this.#settings, 'stat'), 'utf8').trim().split(/\s+/);
    return Number(sectors) * SECTOR_BYTES;
  }

  /** Drops the files of the image from memory; the kernel keeps those of programs that run. */
  async evict(): Promise<void> {
    const drop = 'dd if={} iflag=nocache count=0 status=none';
    await this.#run(`sync; find "$0" -type f -exec ${drop} \\;`, this.#layer);
  }

  /** Reads all of them into memory. */
  async load(): Promise<void> {
    await this.#run('find "$0" -type f -exec cat {} + >/dev/null', this.#layer);
  }

  /** Gives a pod that is not yet scheduled its directory: by it, a container knows what disk its node has. */
  async holdPod(uid: string): Promise<void> {
    await this.#bind(join(this.#root, 'pods', uid), this.#directoryOf(uid));
  }

  async releasePod(uid: string): Promise<void> {
    await this.#unmount(this.#directoryOf(uid));
  }

  get #root(): string {
    return join(this.#node.dir, 'cold/root');
  }

  get #readAhead(): string {
    return join(this.#settings, 'queue/read_ahead_kb');
  }

  #directoryOf(uid: string): string {
    return join(this.#node.dir, 'kubelet/pods', uid);
  }

  /** The device keeps it for its next user, so a process sets it back, also if this one is killed. */
  #keepReadAhead(t: TestContext): void {
    const script = 'cat >/dev/null; echo "$1" >"$0"';
    const keeper = spawn('sh', ['-c', script, this.#readAhead, String(this.readAheadKib)], {
      detached: true,
      stdio: ['pipe', 'ignore', 'inherit'],
    });
    t.after(async () => {
      keeper.stdin.end();
      await once(keeper, 'close');
    });
  }

  /** The device ends with its last mount, also with that of the node. */
  async #mount(device: string): Promise<void> {
    this.#mounts.add(this.#root);
    await this.#run('mkdir "$0" && mount "$1" "$0"', this.#root, device);
    execFileSync('losetup', ['--detach', device]);
    const copy = join(this.#root, 'layer');
    await this.#run('cp --archive "$0" "$1"', this.#layer, copy);
    await this.#bind(copy, this.#layer);
  }

  async #bind(from: string, to: string): Promise<void> {
    this.#mounts.add(to);
    await this.#run('mkdir -p "$0" "$1" && mount --bind "$0" "$1"', from, to);
  }

  /** Also while it is in use: the mount then ends with its last user. */
  async #unmount(path: string): Promise<void> {
    this.#mounts.delete(path);
    await this.#run('umount --lazy "$0"', path);
  }

  async #unmountAll(): Promise<void> {
    for (const path of [...this.#mounts].reverse()) await this.#unmount(path);
  }

  #run(script: string, ...args: readonly string[]): Promise<void> {
    return runInside(this.#node.holder, ['sh', '-ec', script, ...args]);
  }
}

/** Returns the name of a file that only this image has, at its root. */
async function loadImage(node: Node, dir: string): Promise<string> {
  const marker = 'cold';
  await copyLastgood(dir, COLD_IMAGE, marker);
  const archive = join(dir, 'image.tar');
  await archiveImage(COLD_IMAGE, archive);
  await runCtr(node, ['images', 'import', '--snapshotter', 'overlayfs', archive]);
  return marker;
}
