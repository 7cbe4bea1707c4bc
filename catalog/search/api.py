"""Search over HTTP: everybody finds what is sold; our own people may look for drafts and archived products too."""

from __future__ import annotations

from shop.contracts.search import SearchProducts
from shop.http.permissions import Public
from shop.http.views import QueryView
from shop.messaging.errors import Invalid


class SearchProductsView(QueryView):
    """``GET /search/products``"""

    query = SearchProducts
    permission_classes = (Public,)

    def authorise(self, message: SearchProducts) -> None:
        """Raise ``Invalid`` when a stranger asks for what the public does not see, whether there is any or not."""
        status = message.filters.status if message.filters else None
        ours = self.principal.is_operator and self.principal.may(self.required_scope())
        if status not in {None, "ACTIVE"} and not ours:
            sentence = "Only active products can be searched for."
            raise Invalid("invalid", sentence, errors={"filters.status": [sentence]})
