// ts-mls behind a line protocol, for the tests beside this file: one JSON object a line in, one out.
//
// A request is {op, client, ...}; its answer {ok: {...}} or {error: "..."}. Bytes are hex. One process
// holds many clients, by name. The library is used by its public API only, and is not patched.

import { webcrypto } from "node:crypto";
import { createInterface } from "node:readline";

globalThis.crypto ??= webcrypto; // Node 18 has it, but not as a global; ts-mls expects the global

const mls = await import("ts-mls");

const suite = await mls.getCiphersuiteImpl(
  mls.getCiphersuiteFromName("MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519"),
);
const clients = new Map();

const hex = (bytes) => Buffer.from(bytes).toString("hex");
const bytes = (text) => Uint8Array.from(Buffer.from(text, "hex"));

function decode(text, wireformat) {
  const data = bytes(text);
  const [message, length] = mls.decodeMlsMessage(data, 0) ?? [undefined, 0];
  if (message === undefined || length !== data.length) throw new Error("a message does not decode");
  if (message.wireformat !== wireformat) throw new Error(`a message is not a ${wireformat}`);
  return message;
}

const encode = (wireformat, field, value) =>
  hex(mls.encodeMlsMessage({ version: "mls10", wireformat, [field]: value }));

function pskIndex(state, psks) {
  const known = Object.entries(psks).map(([id, secret]) => [mls.bytesToBase64(bytes(id)), bytes(secret)]);
  return mls.makePskIndex(state, Object.fromEntries(known));
}

async function newKeyPackage({ identity, extensions_supported, lifetime }) {
  const capabilities = mls.defaultCapabilities(); // with its GREASE (RFC 9420 section 13.5)
  capabilities.extensions.push(...extensions_supported);
  const [notBefore, notAfter] = lifetime.map(BigInt);
  const credential = { credentialType: "basic", identity: bytes(identity) };
  return mls.generateKeyPackage(credential, capabilities, { notBefore, notAfter }, [], suite);
}

const extensionList = (extensions) =>
  extensions.map(([extensionType, data]) => ({ extensionType, extensionData: bytes(data) }));

function inlineProposals({ adds, removes, psks, extensions }) {
  return [
    ...removes.map((removed) => ({ proposalType: "remove", remove: { removed } })),
    ...adds.map((text) => ({
      proposalType: "add",
      add: { keyPackage: decode(text, "mls_key_package").keyPackage },
    })),
    ...Object.keys(psks).map((id) => ({
      proposalType: "psk",
      psk: {
        preSharedKeyId: {
          psktype: "external",
          pskId: bytes(id),
          pskNonce: suite.rng.randomBytes(suite.kdf.size),
        },
      },
    })),
    ...(extensions === undefined
      ? []
      : [
          {
            proposalType: "group_context_extensions",
            groupContextExtensions: { extensions: extensionList(extensions) },
          },
        ]),
  ];
}

const operations = {
  async keyPackage(client, request) {
    client.package = await newKeyPackage(request);
    return { key_package: encode("mls_key_package", "keyPackage", client.package.publicPackage) };
  },

  async create(client, request) {
    const { publicPackage, privatePackage } = await newKeyPackage(request);
    const extensions = extensionList(request.extensions);
    const groupId = bytes(request.group_id);
    client.state = await mls.createGroup(groupId, publicPackage, privatePackage, extensions, suite);
    return {};
  },

  async join(client, { welcome, psks }) {
    const { publicPackage, privatePackage } = client.package;
    const message = decode(welcome, "mls_welcome").welcome;
    const index = pskIndex(undefined, psks);
    client.state = await mls.joinGroup(message, publicPackage, privatePackage, index, suite);
    return {};
  },

  // Commits every Proposal received in the epoch, then those of the request; enters the new epoch.
  async commit(client, request) {
    const context = {
      state: client.state,
      pskIndex: pskIndex(client.state, request.psks),
      cipherSuite: suite,
    };
    const options = { extraProposals: inlineProposals(request), ratchetTreeExtension: true };
    const { newState, commit, welcome } = await mls.createCommit(context, options);
    client.state = newState;
    return {
      commit: hex(mls.encodeMlsMessage(commit)),
      welcome: welcome === undefined ? null : encode("mls_welcome", "welcome", welcome),
    };
  },

  async proposeRemove(client, { leaf }) {
    const proposal = { proposalType: "remove", remove: { removed: leaf } };
    const { newState, message } = await mls.createProposal(client.state, false, proposal, suite);
    client.state = newState;
    return { message: hex(mls.encodeMlsMessage(message)) };
  },

  async process(client, { message, psks }) {
    const { privateMessage } = decode(message, "mls_private_message");
    const index = pskIndex(client.state, psks);
    const result = await mls.processPrivateMessage(client.state, privateMessage, index, suite);
    client.state = result.newState;
    return result.kind === "applicationMessage" ? { plaintext: hex(result.message) } : {};
  },

  async protect(client, { plaintext }) {
    const result = await mls.createApplicationMessage(client.state, bytes(plaintext), suite);
    client.state = result.newState;
    return { message: encode("mls_private_message", "privateMessage", result.privateMessage) };
  },

  async groupInfo(client) {
    const info = await mls.createGroupInfoWithExternalPub(client.state, [], suite);
    return { group_info: encode("mls_group_info", "groupInfo", info) };
  },

  async view(client, { label, context, length }) {
    const { groupContext, keySchedule, privatePath, groupActiveState } = client.state;
    const exporter = keySchedule.exporterSecret;
    const exported = await mls.mlsExporter(exporter, label, bytes(context), length, suite);
    return {
      active: groupActiveState.kind === "active",
      epoch: Number(groupContext.epoch),
      leaf: privatePath.leafIndex,
      authenticator: hex(keySchedule.epochAuthenticator),
      exported: hex(exported),
    };
  },
};

async function answer(line) {
  const request = JSON.parse(line);
  if (!clients.has(request.client)) clients.set(request.client, {});
  try {
    return { ok: await operations[request.op](clients.get(request.client), request) };
  } catch (error) {
    return { error: `${error.name}: ${error.message}` };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await answer(line))}\n`);
}
