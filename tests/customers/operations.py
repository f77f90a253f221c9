"""What staff asks of customers."""

LIST = """query($w: CustomerWhere, $s: CustomerSort, $first: Int, $after: String) {
  customers(where: $w, sortBy: $s, first: $first, after: $after) {
    nodes { id email firstName } pageInfo { endCursor hasNextPage } totalCount { count } } }"""
ONE = """query($id: ID!) { customer(id: $id) {
  email phone orderCount lastOrderedAt isActive groups { name } } }"""
ERRORS = "userErrors { __typename field ... on PermissionMissing { permission } }"
UPSERT = f"""mutation($input: CustomerGroupUpsertInput!) {{ customerGroupUpsert(input: $input) {{
  group {{ id name description version memberCount merchant {{ slug }} }} {ERRORS} }} }}"""
GROUPS = """query($w: CustomerGroupWhere, $s: CustomerGroupSort, $first: Int, $after: String) {
  customerGroups(where: $w, sortBy: $s, first: $first, after: $after) {
    nodes { id name memberCount } pageInfo { endCursor } totalCount { count } } }"""
SET_ACTIVE = f"""mutation($input: UserSetActiveInput!) {{ userSetActive(input: $input) {{
  {ERRORS} }} }}"""
