"""Behind each field: loaders (batch reads) and the one transaction of each mutation.

Imports services, models and core (and auth); knows no GraphQL.
"""
