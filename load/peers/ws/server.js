// A relay on plain `ws`: what one user says goes to the user whom the frame names.
// Nothing is stored, nobody is authenticated, nothing is acknowledged. It ends with its standard input.
import { WebSocketServer } from "ws";

const users = new Map();
const server = new WebSocketServer({ host: "127.0.0.1", port: Number(process.argv[2]), maxPayload: 32768 });

server.on("connection", (socket, request) => {
  socket._socket.setNoDelay(true);
  const user = new URL(request.url, "ws://localhost").searchParams.get("user");
  users.set(user, socket);
  socket.on("close", () => users.get(user) === socket && users.delete(user));
  socket.on("message", (data) => {
    const frame = JSON.parse(data);
    users.get(frame.to)?.send(JSON.stringify({ event: "entry", from: user, id: frame.id, body: frame.body }));
  });
});

process.stdin.on("end", () => process.exit(0)).resume();
