"""From staged rows to links between products, once all products that they may lead to are there."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from pim.catalogue.forms import LinkForm
from pim.catalogue.models import Product, ProductModel, Variant
from pim.catalogue.queries import with_code
from pim.catalogue.writing import Saved, Write
from pim.intake.applying import Judged, Words
from pim.intake.models import StagedRow


def targets_of(*, codes: Collection[str]) -> dict[str, str]:
    """The products that these codes of products, models or variants mean, by the codes in lower case."""
    found = {code.lower(): code for code in with_code(Product, codes).values_list("code", flat=True)}
    for model in with_code(ProductModel, codes).select_related("product"):
        found.setdefault(model.code.lower(), model.product.code)
    left = {code.lower() for code in codes} - set(found)
    for variant in Variant.objects.filter(
        sku__in=[code for code in codes if code.lower() in left]
    ).select_related("product"):
        found.setdefault(variant.sku.lower(), variant.product.code)
    return found


def judge_links(
    *,
    rows: Sequence[StagedRow],
    roots: Mapping[str, str],
    saved: Mapping[str, Saved],
    untold: Collection[str],
    words: Words,
) -> Judged:
    """Add the links that rows tell of to their products, where they are not there yet.

    Products that are `untold` were written a moment ago, and get the history row of both writes.
    """
    done = Judged()
    targets = targets_of(
        codes={code for row in rows for linked in row.data["links"].values() for code in linked}
    )
    wanted: dict[str, list[LinkForm]] = {}
    for row in rows:
        source = saved.get(roots.get(row.root.lower(), row.root.lower()))
        for kind, linked in row.data["links"].items() if source else ():
            for code in linked:
                target, link_type = targets.get(code.lower()), words.link_types.get(kind.lower())
                if target is None or link_type is None:
                    reason = "unknown_product" if target is None else "unknown_link_type"
                    done.refuse(row, kind, reason, f"There is no {code if target is None else kind}.")
                elif source and target.lower() != source.form.code.lower():
                    wanted.setdefault(source.form.code.lower(), []).append(
                        LinkForm(kind=link_type, target=target)
                    )
    for code in dict.fromkeys([*wanted, *sorted(untold)]):
        before = saved[code]
        known = {(link.kind, link.target) for link in before.form.links}
        links = dict.fromkeys(wanted.get(code, ()))
        new = [link for link in links if (link.kind, link.target) not in known]
        if new or code in untold:
            form = replace(before.form, links=(*before.form.links, *new))
            done.writes.append(Write(saved=before, form=form, completes=code in untold))
    return done
