// Health check of a member: healthy when its set has a primary. The member that MONGO_MEMBERS is given to initiates the set, and,
// where it is given passwords, makes the accounts: a connection from its own container may, until there is a first account.
const { readFileSync } = require("fs");
const { MONGO_SET, MONGO_MEMBERS, MONGO_ROLE, MONGO_ADMIN_PASSWORD, MONGO_PASSWORD } = process.env;
const admin = db.getSiblingDB("admin");

if (MONGO_MEMBERS && !admin.hello().setName) {
  const members = MONGO_MEMBERS.split(",").map((host, number) => ({
    _id: number,
    host: `${host}:27017`,
    priority: number === 0 ? 2 : 1,
  }));
  const settings = JSON.parse(readFileSync("/etc/mongo/replica-set.json", "utf8"));
  const role = MONGO_ROLE === "configsvr" ? { configsvr: true } : {};
  admin.runCommand({ replSetInitiate: { _id: MONGO_SET, members, settings, ...role } });
}
const { primary, isWritablePrimary } = admin.hello();
if (!primary) {
  throw new Error("no primary yet");
}
if (MONGO_ADMIN_PASSWORD && isWritablePrimary) {
  makeAccounts();
}

function makeAccounts() {
  try {
    admin.auth("root", MONGO_ADMIN_PASSWORD);
  } catch {
    admin.createUser({ user: "root", pwd: MONGO_ADMIN_PASSWORD, roles: ["root"] });
    admin.auth("root", MONGO_ADMIN_PASSWORD);
  }
  const roles = JSON.parse(readFileSync("/etc/mongo/accounts.json", "utf8"));
  if (!admin.getUser("rookery")) {
    admin.createUser({ user: "rookery", pwd: MONGO_PASSWORD, roles: roles.rookery });
  }
}
