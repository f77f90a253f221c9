// Plays a day of payments with Stripe's own client: `node client.mjs PORT API_KEY WEBHOOK_SECRET`.
// Prints what it saw as JSON; the test compares.
import Stripe from "stripe";

const [port, apiKey, webhookSecret] = process.argv.slice(2);
const stripe = new Stripe(apiKey, {
  host: "127.0.0.1",
  port: Number(port),
  protocol: "http",
  maxNetworkRetries: 0,
  telemetry: false,
});
const seen = {};

const sale = {
  amount: 1234,
  currency: "usd",
  confirm: true,
  payment_method: "pm_card_visa",
  allowed_payment_method_types: ["card"],
  metadata: { order: "O 1&é" },
  expand: ["latest_charge"],
};
const paid = await stripe.paymentIntents.create(sale, { idempotencyKey: "node-1" });
seen.paid = [paid.status, paid.amount_received, paid.metadata.order, paid.latest_charge.paid];

const again = await stripe.paymentIntents.create(sale, { idempotencyKey: "node-1" });
seen.again = [again.id === paid.id, again.lastResponse.headers["idempotent-replayed"]];

seen.otherParameters = await refusal(() =>
  stripe.paymentIntents.create({ ...sale, amount: 1235 }, { idempotencyKey: "node-1" }),
);
seen.declined = await refusal(() =>
  stripe.paymentIntents.create({
    ...sale,
    payment_method: "pm_card_visa_chargeDeclinedInsufficientFunds",
  }),
);
seen.missing = await refusal(() => stripe.paymentIntents.retrieve("pi_unknown"));

const asked = await stripe.paymentIntents.create({
  ...sale,
  payment_method: "pm_card_threeDSecure2Required",
  return_url: "http://127.0.0.1:9/back",
});
seen.asked = [asked.status, asked.next_action.type];
await fetch(asked.next_action.redirect_to_url.url, {
  method: "POST",
  body: new URLSearchParams({ outcome: "complete" }),
  redirect: "manual",
});
seen.authenticated = (await stripe.paymentIntents.retrieve(asked.id)).status;

const held = await stripe.paymentIntents.create({ ...sale, capture_method: "manual" });
const captured = await stripe.paymentIntents.capture(held.id, { amount_to_capture: 1000 });
seen.captured = [held.status, captured.status, captured.amount_received];

const refund = await stripe.refunds.create({ payment_intent: paid.id, amount: 34 });
seen.refunded = [refund.status, refund.amount];
seen.overRefunded = await refusal(() =>
  stripe.refunds.create({ payment_intent: paid.id, amount: 1201 }),
);

const walked = [];
for await (const intent of stripe.paymentIntents.list({ limit: 1 })) walked.push(intent.id);
seen.walked = [walked.length, new Set(walked).size, walked.at(-1) === paid.id];

const events = await stripe.events.list({ type: "payment_intent.succeeded", limit: 100 });
seen.events = events.data.map((event) => event.data.object.id).includes(paid.id);

const delivered = await new Promise((resolve) => {
  let text = "";
  process.stdin.on("data", (part) => (text += part));
  process.stdin.on("end", () => resolve(JSON.parse(text)));
});
const event = stripe.webhooks.constructEvent(delivered.body, delivered.signature, webhookSecret);
seen.webhook = event.type;

console.log(JSON.stringify(seen));

async function refusal(call) {
  try {
    await call();
    return "nothing was refused";
  } catch (error) {
    return [error.type, error.statusCode, error.code ?? null, error.decline_code ?? null];
  }
}
