// The same relay on socket.io, as its guide has it: a room for each user, and its acknowledgement, which says that the server has the frame.
// Nothing is stored, nobody is authenticated. It ends with its standard input.
import { createServer } from "node:http";
import { Server } from "socket.io";

const http = createServer();
const io = new Server(http, { transports: ["websocket"], maxHttpBufferSize: 32768, serveClient: false });

io.on("connection", (socket) => {
  const { user } = socket.handshake.query;
  socket.join(user);
  socket.on("send", (frame, acknowledge) => {
    io.to(frame.to).emit("entry", { from: user, id: frame.id, body: frame.body });
    acknowledge({ id: frame.id });
  });
});

http.listen(Number(process.argv[2]), "127.0.0.1");
process.stdin.on("end", () => process.exit(0)).resume();
