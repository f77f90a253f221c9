"""GraphQL execution, level by level: every field is called once for all its parents.

Declarations, access rules, limits and the executor of any schema; it knows no shop, and of our
rooms imports only `core`. Read declare, plan, level, call and run in this order.
"""
