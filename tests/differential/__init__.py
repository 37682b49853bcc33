"""The same answers through our engine and through the reference engine, compared after every step.

`reference` plays answer sequences through @getodk/xforms-engine (engine.mjs, on Node) and hands its states back; `ours`
takes the same steps in a Sheet; `comparing` tells where the two differ. Real forms are never kept here: give a folder
of them in FIRSTCONTACT_FORMS and a folder with the engine in FIRSTCONTACT_XFORMS_ENGINE (`npm install
@getodk/xforms-engine jsdom`). The forms of `own_forms` need neither: what the reference engine made of them is written
down in `expected/`.

    python -m tests.differential FORMS ENGINE --sequences 200
"""
