// Loaded into the command line's Node by --require: names under .test are this machine. No DNS knows them.
const dns = require("node:dns");
const { lookup } = dns;
dns.lookup = (name, options, callback) =>
  typeof name === "string" && name.endsWith(".test")
    ? lookup("127.0.0.1", options, callback)
    : lookup(name, options, callback);
