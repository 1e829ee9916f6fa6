"""Strawberry's server; its extension says which operations it ran. There are fewer than twenty answers, since all of them are looked at
then: what only an answer says, that an operation failed or was never run, is known of each."""
import requests
import strawberry
import strawberry.asgi
from strawberry.extensions import SchemaExtension
from strawberry.schema.config import StrawberryConfig

from serving import asgi

ORDERS = ["query Orders($n: Int!) { orders(n: $n) { id } }", "query OrderCount { orderCount }", "{ me }",
          "query Both { me ...Rest } fragment Rest on Query { orderCount }",
          "mutation AddOrder($id: Int!) { addOrder(id: $id) { id } }", "mutation { addOrder(id: 7) { id } }",
          "query Broken { broken }", "query A { me } query B { orderCount }", "{ __typename }",
          "query IntrospectionQuery { __schema { queryType { name } } }", "query Aliased { mine: me }",
          "# a comment\nquery Commented { me }"]


@strawberry.type
class Order:
    id: int


@strawberry.type
class Query:
    @strawberry.field
    def me(self) -> str:
        return "ann"

    @strawberry.field
    def order_count(self) -> int:
        return 3

    @strawberry.field
    def orders(self, n: int) -> list[Order]:
        return [Order(id=one) for one in range(n)]

    @strawberry.field
    def broken(self) -> str | None:
        raise ValueError("broken")


@strawberry.type
class Mutation:
    @strawberry.mutation
    def add_order(self, id: int) -> Order:
        return Order(id=id)


def run(port, truth):
    class Ran(SchemaExtension):
        def on_execute(self):
            context = self.execution_context
            yield
            first = context.graphql_document.definitions[0]
            roots = ",".join(one.name.value for one in first.selection_set.selections if hasattr(one, "alias"))
            name = context.operation_name or (first.name.value if first.name else "{" + roots + "}")
            method, kind = context.context["request"].method, context.operation_type.value.lower()
            truth.add(f"{method} /graphql", f"graphql {kind} {name}", bool(context.result.errors))

    schema = strawberry.Schema(Query, Mutation, extensions=[Ran],
                               config=StrawberryConfig(batching_config={"max_operations": 10}))
    with asgi(strawberry.asgi.GraphQL(schema), port):
        client, url = requests.Session(), f"http://127.0.0.1:{port}/graphql"
        names = {"query A { me } query B { orderCount }": "B"}
        for query in [*ORDERS, ORDERS[0]]:
            body = {"query": query, "variables": {"n": 2, "id": 5} if "$" in query else None}
            client.post(url, json={**body, "operationName": names[query]} if query in names else body)
        client.post(url, json=[{"query": "query Orders { me }"}, {"query": "query Broken { broken }"}, {"query": "{ me }"}])
        client.get(url, params={"query": "query Got { me }"})
        # What was never run, and what is no GraphQL.
        client.post(url, json={"query": "query Unknown { nothing }"})
        client.post(url, json={"query": "query Cut { me "})
        client.post(url, json={"query": "shoes"})
