// Makes the shards known to the router. Safe to repeat.
const shards = {
  "shard-a": ["shard-a-1", "shard-a-2", "shard-a-3"],
  "shard-b": ["shard-b-1", "shard-b-2", "shard-b-3"],
};
const router = new Mongo("mongodb://mongos-1").getDB("admin");
router.auth("root", process.env.MONGO_ADMIN_PASSWORD);
for (const [name, hosts] of Object.entries(shards)) {
  router.runCommand({ addShard: `${name}/${hosts.map((host) => `${host}:27017`).join(",")}` });
}
