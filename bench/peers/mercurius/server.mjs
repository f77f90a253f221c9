// The product list as a careful author writes it for Mercurius: graphql-jit, loaders, named
// prepared statements, brands and categories in memory. Environment: DATABASE_URL, PORT.

import Fastify from "fastify";
import mercurius from "mercurius";
import pg from "pg";

pg.types.setTypeParser(pg.types.builtins.INT8, Number);
const pool = new pg.Pool({
  connectionString: process.env.DATABASE_URL,
  max: 8,
  options: "-c random_page_cost=1.1 -c jit=off",
});

const schema = `
  type Query { products(first: Int = 20): ProductConnection! }
  type ProductConnection { nodes: [Product!]! pageInfo: PageInfo! }
  type PageInfo { hasNextPage: Boolean! }
  type Product {
    id: ID!
    name: String!
    slug: String!
    summary: String
    category: Category!
    brand: Brand
    media: [Media!]!
    priceRange: PriceRange
    variants: [ProductVariant!]!
  }
  type Category { id: ID! name: String! }
  type Brand { id: ID! name: String! }
  union Media = Image | Video
  type Image { url: String! alt: String }
  type Video { url: String! alt: String }
  type PriceRange { start: Money! stop: Money! }
  type Money { amount: String! currency: String! }
  type ProductVariant {
    id: ID!
    sku: String!
    name: String!
    price: Money
    quantityAvailable: Int!
  }
`;

const LIST = `
  SELECT id, category_id, brand_id, slug, name, summary, price_min_minor, price_max_minor
  FROM products WHERE is_listed ORDER BY published_at DESC, id DESC LIMIT $1`;
const MEDIA = `
  SELECT product_id, kind, alt, path, url FROM product_media
  WHERE product_id = ANY ($1::uuid[]) ORDER BY position, id`;
const VARIANTS = `
  SELECT variants.id, product_id, sku, name, price.amount_minor,
    (SELECT coalesce(sum(available), 0)::int FROM stock_levels
     WHERE variant_id = variants.id) AS available
  FROM variants LEFT JOIN LATERAL (
    SELECT amount_minor FROM variant_prices
    WHERE variant_id = variants.id AND currency = 'USD' LIMIT 1) AS price ON true
  WHERE product_id = ANY ($1::uuid[]) AND is_active ORDER BY position, variants.id`;

async function rows(name, text, values) {
  return (await pool.query({ name, text, values })).rows;
}

async function byId(table) {
  const found = (await pool.query(`SELECT id, name FROM ${table}`)).rows;
  return new Map(found.map((row) => [row.id, row]));
}

const [categories, brands] = await Promise.all([byId("categories"), byId("brands")]);

const outside = (prefix, id) => `${prefix}_${id.replaceAll("-", "")}`;
const money = (minor) => ({ amount: (minor / 100).toFixed(2), currency: "USD" });

async function grouped(name, text, queries) {
  const groups = new Map(queries.map(({ obj }) => [obj.id, []]));
  for (const row of await rows(name, text, [[...groups.keys()]])) {
    groups.get(row.product_id).push(row);
  }
  return queries.map(({ obj }) => groups.get(obj.id));
}

const resolvers = {
  Query: {
    async products(_, { first }) {
      const found = await rows("list", LIST, [first + 1]);
      return {
        nodes: found.slice(0, first),
        pageInfo: { hasNextPage: found.length > first },
      };
    },
  },
  Product: {
    id: (row) => outside("product", row.id),
    name: (row) => row.name.en,
    summary: (row) => row.summary.en,
    category: (row) => categories.get(row.category_id),
    brand: (row) => brands.get(row.brand_id),
    priceRange: (row) => ({
      start: money(row.price_min_minor),
      stop: money(row.price_max_minor),
    }),
  },
  Category: { id: (row) => outside("category", row.id), name: (row) => row.name.en },
  Brand: { id: (row) => outside("brand", row.id) },
  Media: { resolveType: (row) => (row.kind === "IMAGE" ? "Image" : "Video") },
  Image: { url: (row) => row.url ?? `/media/${row.path}`, alt: (row) => row.alt.en },
  ProductVariant: {
    id: (row) => outside("variant", row.id),
    name: (row) => row.name.en,
    price: (row) => (row.amount_minor === null ? null : money(row.amount_minor)),
    quantityAvailable: (row) => Math.min(row.available, 99),
  },
};

const loaders = {
  Product: {
    media: { loader: (queries) => grouped("media", MEDIA, queries), opts: { cache: false } },
    variants: { loader: (queries) => grouped("variants", VARIANTS, queries), opts: { cache: false } },
  },
};

const app = Fastify();
app.register(mercurius, { schema, resolvers, loaders, jit: 1 });
app.get("/healthz", async () => ({ status: "ok" }));
await app.listen({ host: "127.0.0.1", port: Number(process.env.PORT) });
