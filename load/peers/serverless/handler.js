// The same work at the tables as Switchboard's `connect`, `disconnect` and `send`: the same requests, in the same order, at the same time.
// What it leaves out: tokens, membership beyond the conversation's item, duplicates, rate limits, edits, receipts, delivery, pushes.
"use strict";

const { DynamoDBClient, QueryCommand, PutItemCommand, DeleteItemCommand, UpdateItemCommand } = require("@aws-sdk/client-dynamodb");
const { ApiGatewayManagementApiClient, PostToConnectionCommand } = require("@aws-sdk/client-apigatewaymanagementapi");

const region = "us-east-1";
const credentials = { accessKeyId: "local", secretAccessKey: "local" };
const db = new DynamoDBClient({ region, credentials, endpoint: process.env.PEER_TABLES });
const posts = new ApiGatewayManagementApiClient({ region, credentials, endpoint: process.env.PEER_MANAGEMENT });

const S = (text) => ({ S: text });
const N = (number) => ({ N: String(number) });
const units = { ReturnConsumedCapacity: "TOTAL" };
const ok = { statusCode: 200 };

const connections = (user) =>
  db.send(new QueryCommand({ ...units, TableName: "connections", KeyConditionExpression: "pk = :pk", ExpressionAttributeValues: { ":pk": S(`U#${user}`) }, Limit: 50 }));

// serverless-offline keeps an authorizer's context, but the user's name in the connection's id is all that is needed here.
const users = (event) => event.queryStringParameters.user;

exports.connect = async (event) => {
  const { connectionId, connectedAt } = event.requestContext;
  const user = users(event);
  await db.send(new UpdateItemCommand({ ...units, TableName: "chat", Key: { pk: S(`U#${user}`), sk: S("PROFILE") }, UpdateExpression: "SET last_seen = :at", ExpressionAttributeValues: { ":at": N(connectedAt) } }));
  await db.send(new PutItemCommand({ ...units, TableName: "connections", Item: { pk: S(`U#${user}`), sk: S("D#phone"), connection_id: S(connectionId), connected_at: N(connectedAt) }, ReturnValues: "ALL_OLD" }));
  return ok;
};

// The row is keyed by the user, whom the platform does not name here: it is left to expire.
exports.disconnect = async () => ok;

exports.send = async (event) => {
  const frame = JSON.parse(event.body);
  const { connectionId } = event.requestContext;
  const [end, mine] = await Promise.all([
    db.send(new QueryCommand({ ...units, TableName: "chat", KeyConditionExpression: "pk = :pk", ExpressionAttributeValues: { ":pk": S(`C#${frame.conversation}`) }, ScanIndexForward: false, Limit: 6, ConsistentRead: true })),
    connections(frame.user),
  ]);
  const newest = end.Items.find((item) => item.sk.S.startsWith("E#"));
  const seq = newest ? Number(newest.sk.S.slice(2)) + 1 : 1;
  const ts = Date.now();
  const put = db.send(new PutItemCommand({
    ...units,
    TableName: "chat",
    Item: { pk: S(`C#${frame.conversation}`), sk: S(`E#${String(seq).padStart(12, "0")}`), id: S(frame.id), from: S(frame.user), ts: N(ts), body: S(JSON.stringify(frame.body)) },
    ConditionExpression: "attribute_not_exists(pk)",
    ReturnValuesOnConditionCheckFailure: "ALL_OLD",
  }));
  const [, theirs] = await Promise.all([put, connections(frame.to)]);
  const entry = JSON.stringify({ event: "entry", conversation: frame.conversation, seq, id: frame.id, from: frame.user, ts, body: frame.body });
  const others = [...mine.Items, ...theirs.Items].map((item) => item.connection_id.S).filter((id) => id !== connectionId);
  await Promise.all(others.map((id) => posts.send(new PostToConnectionCommand({ ConnectionId: id, Data: entry }))));
  return { statusCode: 200, body: JSON.stringify({ event: "sent", conversation: frame.conversation, id: frame.id, seq, ts, duplicate: false }) };
};
