// Initiates a replica set of this one member. Fails, and is run again, until it is the primary.
try {
  rs.status();
} catch (error) {
  rs.initiate({ _id: "rs0", members: [{ _id: 0, host: "mongo:27017" }] });
}
if (!db.hello().isWritablePrimary) {
  throw new Error("not the primary yet");
}
