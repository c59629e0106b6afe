// Forms a sharded cluster of config servers, shards and a router. Safe to repeat.
const settings = JSON.parse(require("fs").readFileSync("/etc/mongo/replica-set.json", "utf8"));

function join(name, hosts, more) {
  const admin = new Mongo(`mongodb://${hosts[0]}/?directConnection=true`).getDB("admin");
  const members = hosts.map((host, number) => ({ _id: number, host: `${host}:27017` }));
  try {
    admin.runCommand({ replSetInitiate: { _id: name, members, settings, ...more } });
  } catch (error) {
    if (error.codeName !== "AlreadyInitialized") {
      throw error;
    }
  }
  const set = new Mongo(`mongodb://${hosts.join(",")}/?replicaSet=${name}`).getDB("admin");
  while (!set.hello().isWritablePrimary) {
    sleep(200);
  }
}

join("config", ["config-1", "config-2", "config-3"], { configsvr: true });
const shards = {
  "shard-a": ["shard-a-1", "shard-a-2", "shard-a-3"],
  "shard-b": ["shard-b-1", "shard-b-2", "shard-b-3"],
};
const router = new Mongo("mongodb://mongos-1").getDB("admin");
for (const [name, hosts] of Object.entries(shards)) {
  join(name, hosts, {});
  router.runCommand({ addShard: `${name}/${hosts.map((host) => `${host}:27017`).join(",")}` });
}
