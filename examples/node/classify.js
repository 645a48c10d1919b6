// node classify.js HOST:PORT MODEL TEXT...: status, metadata and predictions as JSON, over gRPC.
// Needs serving.protoset beside this file. To make it, run in the root of the checkout:
// .venv/bin/python -m serving.protos examples/node/serving.protoset && (cd examples/node && npm ci)
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import grpc from "@grpc/grpc-js";
import { loadFileDescriptorSetFromBuffer } from "@grpc/proto-loader";
import protobuf from "protobufjs";
import "protobufjs/ext/descriptor/index.js";

const [address, name, ...texts] = process.argv.slice(2);
const protoset = readFileSync(process.env.PROTOSET ?? new URL("serving.protoset", import.meta.url));
const { serving } = grpc.loadPackageDefinition(
  loadFileDescriptorSetFromBuffer(protoset, { keepCase: true, longs: Number, enums: String, arrays: true }),
).tensorflow;
const SignatureDefMap = protobuf.Root.fromDescriptor(protoset).lookupType("tensorflow.serving.SignatureDefMap");

// In a descriptor set a map is the list of its entries: {key, value}.
const entries = (map) => Object.fromEntries(map.map(({ key, value }) => [key, value]));

function connect(Service) {
  const client = new Service(address, grpc.credentials.createInsecure());
  const deadline = () => ({ deadline: Date.now() + 10_000 });
  return (method, request) => promisify(client[method]).call(client, request, new grpc.Metadata(), deadline());
}

async function main() {
  const predict = connect(serving.PredictionService);
  const model = connect(serving.ModelService);
  const model_spec = { name };

  const status = await model("GetModelStatus", { model_spec });
  const metadata = await predict("GetModelMetadata", { model_spec, metadata_field: ["signature_def"] });
  const signatures = SignatureDefMap.decode(entries(metadata.metadata).signature_def.value).signature_def;
  const text = {
    dtype: "DT_STRING",
    tensor_shape: { dim: [{ size: texts.length }] },
    string_val: texts.map((each) => Buffer.from(each, "utf8")),
  };
  const answer = await predict("Predict", { model_spec, inputs: [{ key: "text", value: text }] });
  const { label, labels, classes, confidence } = entries(answer.outputs);
  const words = classes.string_val.map((each) => each.toString("utf8"));
  const width = words.length / texts.length; // of `labels`, bool [texts, classes], in a model of several labels per text
  const several = (row) => words.slice(row * width, (row + 1) * width).filter((_, i) => labels.bool_val[row * width + i]);
  console.log(
    JSON.stringify({
      versions: status.model_version_status.map(({ version, state }) => ({ version, state })),
      inputs: Object.keys(entries(entries(signatures).serving_default.inputs)),
      version: answer.model_spec.version.value,
      labels: labels ? texts.map((_, row) => several(row)) : label.string_val.map((each) => each.toString("utf8")),
      confidence: confidence?.float_val ?? null,
    }),
  );
}

main().catch((error) => {
  console.error(`${grpc.status[error.code] ?? error.name}: ${error.details ?? error.message}`);
  process.exitCode = 1;
});
