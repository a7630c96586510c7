/** `/`: the node. */
import { connectLine } from './command.ts'
import { MAX_ID_LENGTH, MAX_LINE_LENGTH } from './constants.ts'
import { bytes, clip, count, duration } from './format.ts'
import { html, type Part, type SafeHtml } from './html.ts'
import { identicon } from './identicon.ts'
import { layout } from './layout.ts'
import { commandLine, facts, identifier, rows, trustMark, versionMark } from './parts.ts'
import { isServiceName } from './service-name.ts'
import type { PageNode, PagePeer, PageService } from './types.ts'

export function nodePage(node: PageNode, services: readonly PageService[]): SafeHtml {
  const name = node.username === null ? 'This node' : clip(node.username, 64)
  const shown = services.filter((service) => isServiceName(service.name))
  return layout({
    title: `${name} · Amigos`,
    main: html`<section class="hero">${identicon(node.peerId)}<div><h1>${name}</h1>
<p class="lead">On the network <strong>${clip(node.network, 64)}</strong>, up for ${duration(node.uptime)},
with ${count(shown.length, 'service')} and ${count(node.peers.length, 'peer')}.</p></div></section>
<section aria-labelledby="page-services"><h2 id="page-services">Services</h2>${serviceList(node, shown)}</section>
<section aria-labelledby="page-peers"><h2 id="page-peers">Peers</h2>${peerList(node)}</section>
<section aria-labelledby="page-identity"><h2 id="page-identity">Identity</h2>${identity(node)}</section>`,
  })
}

function serviceList({ command }: PageNode, services: readonly PageService[]): Part {
  if (services.length > 0) return html`<ul class="cards">${rows(services, 'service', serviceCard)}</ul>`
  return html`<div class="empty"><p>No service lives here yet. Three lines make one:</p>
<ol class="steps">
<li>A new contract, a few lines of TypeScript in a folder of its own ${commandLine(`${command} init hello`)}</li>
<li>Run it on this node ${commandLine(`${command} serve hello`)}</li>
<li>Show it to everybody on the network ${commandLine(`${command} publish hello`)}</li>
</ol><p>Then reload this page.</p></div>`
}

function serviceCard(service: PageService): SafeHtml {
  return html`<li class="card"><h3><a href="/${service.name}/">${clip(service.title, 64)}</a> <span class="tag">${clip(service.version, 64)}</span> ${versionMark(service)} ${trustMark(service.trust)}</h3>
${service.description !== '' && html`<p>${clip(service.description, MAX_LINE_LENGTH)}</p>`}
<p class="fine">commit ${service.seq}</p>
${service.published && html`<p class="fine">published as <code class="id">${clip(service.published, MAX_ID_LENGTH)}</code></p>`}</li>`
}

function peerList({ peers, addresses, command }: PageNode): Part {
  const invite = addresses.map((address) => connectLine(command, address)).find((line) => line !== undefined)
  const connect = invite && html`<p>A friend who can reach this machine joins you with:</p>${commandLine(invite)}`
  if (peers.length === 0) return html`<div class="empty"><p>Nobody is connected right now.</p>${connect}</div>`
  return html`<ul class="peers">${rows(peers, 'peer', peerRow)}</ul>${connect}`
}

function peerRow({ peerId, address, relayed, roundTripMs, sent, received }: PagePeer): SafeHtml {
  const trip = roundTripMs === null ? '' : `${Math.round(roundTripMs)} ms away, `
  const way = relayed ? 'over a relay, ' : ''
  return html`<li>${identicon(peerId)}<div>${identifier(peerId)}<span class="fine">${identifier(address)}</span>
<span class="fine">${trip}${way}${bytes(sent.bytes)} out, ${bytes(received.bytes)} in</span></div></li>`
}

function identity(node: PageNode): SafeHtml {
  const addresses = html`<ul class="plain">${rows(node.addresses, 'address', (address) => html`<li>${identifier(address)}</li>`)}</ul>`
  return facts([
    ['Peer ID', identifier(node.peerId)],
    ['User ID', identifier(node.user)],
    ['Username', node.username === null ? 'none yet' : clip(node.username, 64)],
    ['Network', clip(node.network, MAX_ID_LENGTH)],
    ['Addresses', node.addresses.length > 0 ? addresses : 'none'],
  ])
}
