"""The contract: types, inputs, payloads, descriptions; `schema.graphql` is its snapshot."""

import strawberry
from strawberry.schema.config import StrawberryConfig

from core.db import FAULTS
from core.errors import Unavailable
from core.settings import Settings
from engine.document import Limits
from engine.executor import Engine, Schema, build_schema
from schema.access import note_refusals
from schema.accounts.credentials import CredentialsMutation
from schema.accounts.operations import AccountsMutation, AccountsQuery
from schema.accounts.personal_data import PersonalDataMutation
from schema.audit import AuditQuery
from schema.cart.operations import CartMutation, CartQuery
from schema.catalog.mutations import CatalogMutation
from schema.catalog.queries import CatalogQuery
from schema.checkout.operations import CheckoutMutation, CheckoutQuery
from schema.context import IN_CONTEXT_ARGUMENTS, apply_context
from schema.customers.operations import CustomersMutation, CustomersQuery
from schema.errors import shown_types
from schema.factors.login_operations import LoginMutation, LoginQuery
from schema.factors.operations import FactorsMutation
from schema.inventory.operations import InventoryMutation, InventoryQuery
from schema.merchants.operations import MerchantMutation, MerchantQuery
from schema.node import NodeQuery
from schema.orders.operations import OrderMutation, OrderQuery
from schema.payments.operations import PaymentMutation, PaymentQuery
from schema.platform.app_tokens import AppTokenMutation, AppTokenQuery
from schema.platform.operations import PlatformMutation, PlatformQuery
from schema.scalars import SCALARS
from schema.search.operations import SearchMutation, SearchStaffQuery
from schema.shipments.operations import ShipmentMutation, ShipmentQuery
from schema.shop import ShopQuery


@strawberry.type(description="Everything that can be read.")
class Query(
    ShopQuery,
    CatalogQuery,
    SearchStaffQuery,
    MerchantQuery,
    CustomersQuery,
    AccountsQuery,
    LoginQuery,
    CartQuery,
    CheckoutQuery,
    OrderQuery,
    PaymentQuery,
    InventoryQuery,
    ShipmentQuery,
    PlatformQuery,
    AppTokenQuery,
    AuditQuery,
    NodeQuery,
):
    pass


@strawberry.type(description="Everything that can be changed; fields run one after the other.")
class Mutation(
    CatalogMutation,
    SearchMutation,
    AccountsMutation,
    CredentialsMutation,
    PersonalDataMutation,
    FactorsMutation,
    LoginMutation,
    MerchantMutation,
    CustomersMutation,
    CartMutation,
    CheckoutMutation,
    OrderMutation,
    PaymentMutation,
    InventoryMutation,
    ShipmentMutation,
    PlatformMutation,
    AppTokenMutation,
):
    pass


def new_schema(settings: Settings, *, is_reference: bool | None = None) -> Schema:
    """The shop's schema on an engine of its own: `schema.engine` tells what it counted."""
    limits = Limits(introspection=settings.allows_introspection)
    engine = Engine(
        faults=(*FAULTS, Unavailable),
        limits=limits,
        in_context=apply_context,
        in_context_arguments=IN_CONTEXT_ARGUMENTS,
        refused=note_refusals,
    )
    chosen = settings.engine == "reference" if is_reference is None else is_reference
    return build_schema(
        engine,
        is_reference=chosen,
        query=Query,
        mutation=Mutation,
        types=shown_types(),
        config=StrawberryConfig(scalar_map=SCALARS),
    )
