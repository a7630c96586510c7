/** Every verb of `amigo`, in the order in which the help shows them. */
import { build } from './commands/build.ts'
import { call } from './commands/call.ts'
import { chat } from './commands/chat.ts'
import { connect } from './commands/connect.ts'
import { diff } from './commands/diff.ts'
import { down } from './commands/down.ts'
import { follow } from './commands/follow.ts'
import { fork } from './commands/fork.ts'
import { graph, why } from './commands/graph.ts'
import { createHelp } from './commands/help.ts'
import { importCommand } from './commands/import.ts'
import { inbox } from './commands/inbox.ts'
import { init } from './commands/init.ts'
import { key } from './commands/key.ts'
import { log } from './commands/log.ts'
import { merge } from './commands/merge.ts'
import { network } from './commands/network.ts'
import { page } from './commands/page.ts'
import { peers } from './commands/peers.ts'
import { petname } from './commands/petname.ts'
import { ping } from './commands/ping.ts'
import { prune } from './commands/prune.ts'
import { publish } from './commands/publish.ts'
import { pull } from './commands/pull.ts'
import { push } from './commands/push.ts'
import { query } from './commands/query.ts'
import { register } from './commands/register.ts'
import { remove } from './commands/remove.ts'
import { render } from './commands/render.ts'
import { resolve } from './commands/resolve.ts'
import { rollback } from './commands/rollback.ts'
import { serve } from './commands/serve.ts'
import { show } from './commands/show.ts'
import { state } from './commands/state.ts'
import { id, status } from './commands/status.ts'
import { subscribe } from './commands/subscribe.ts'
import { testCommand } from './commands/test.ts'
import { unpublish } from './commands/unpublish.ts'
import { up } from './commands/up.ts'
import { upgrade } from './commands/upgrade.ts'
import { usage } from './commands/usage.ts'
import { verify } from './commands/verify.ts'
import { version } from './commands/version.ts'
import { deprecate, yank } from './commands/yank.ts'
import type { Command } from './types.ts'

export const COMMANDS: readonly Command[] = [
  up,
  down,
  status,
  id,
  init,
  build,
  importCommand,
  testCommand,
  push,
  serve,
  publish,
  deprecate,
  yank,
  unpublish,
  remove,
  call,
  query,
  render,
  subscribe,
  log,
  show,
  state,
  diff,
  usage,
  why,
  graph,
  verify,
  fork,
  merge,
  upgrade,
  rollback,
  prune,
  pull,
  resolve,
  register,
  petname,
  page,
  network,
  follow,
  key,
  peers,
  connect,
  ping,
  chat,
  inbox,
  version,
  createHelp(() => COMMANDS),
]
