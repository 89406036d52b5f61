"""Words that the PTB tokenizer knows: abbreviations and words with an apostrophe of their own.

A capital in brackets is one that must be there.
"""

from __future__ import annotations


def any_of(words: str) -> str:
    """The pattern of one of the words, which white space parts."""
    return "(" + "|".join(words.split()) + ")"


# Usually inside a sentence: before a capital the period also ends a sentence.
MID_SENTENCE = any_of("""
    jan feb mar apr jun jul aug sept? oct nov dec mon tues? wed thu thurs fri ala ariz [A]z [A]rk calif colo
    conn ct dak [D]el fla ga [I]ll ind kans? ky [L]a [M]ass md mich minn [M]iss mo mont neb nev okla [O]re
    [P]a penn tenn [T]ex va vt [W]ash wisc? wyo inc cos? corp pp?t[ye]s? ltd plc rt bancorp bhd assn univ
    intl sys tel est ext sq jr bros ed\\.d ph\\.d esq rd sr blvd etc al seq bldg
""")
# Before a name: the period never ends a sentence.
BEFORE_NAME = any_of("""
    mr mrs ms [M]iss drs? profs? sens? reps? attys? lt col gen messrs govs? adm rev maj sgt cpl pvt capt
    ste? ave pres lieut hon brig co?mdr pfc spc supts? det mt ft adj adv asst assoc ens insp mlle mme msgr
    sfc vs [v] alex wm jos cie a\\.k\\.a cf treas ph invt elec natl m[ft]g dept
""")
# Only before a number.
BEFORE_NUMBER = any_of("ca figs? prop nos? art bldg pp op")
# What may follow the period of an initialism when that period also ends the sentence.
SENTENCE_STARTS = any_of("""
    [A]bout [A]ccording [A]dditionally [A]fter [A]n [A] [A]s [A]t [B]ut [E]arlier [H]e [H]er [H]ere
    [H]owever [I]f [I]n [I]t [L]ast [M]any [M]ore [M]r\\. [M]s\\. [N]ow [O]nce [O]ne [O]ther [O]ur [S]he
    [S]ince [S]o [S]ome [S]uch [T]hat [T]he [T]heir [T]hen [T]here [T]hese [T]hey [T]his [W]e [W]hen [W]hile
    [W]hat [Y]et [Y]ou
""")
# One word in spite of the apostrophe.
WITH_APOSTROPHE = any_of("""
    {apostrophe}n{apostrophe}? [lLdDjJ]{apostrophe} dunkin{apostrophe} somethin{apostrophe} ol{apostrophe}
    {apostrophe}em {apostrophe}[2-9]0s {apostrophe}till? {apostrophe}cause
    [A-HJ-XZn]{quote_inside}{letter}{letter}+ {letter}+[aeiouyAEIOUY]{quote_inside}[aeiouA-Z]{letter}*
    cont'd\\.? nor'easter c'mon e'er s'mores ev'ry li'l nat'l o{quote_inside}o
""")
# Spellings of the Penn Treebank itself.
PENN = any_of("""
    -(rrb|lrb|rcb|lcb|rsb|lsb)- c\\.d\\.s pro- anti- s({and})p-500 s({and})ls cap{apostrophe}n
    c{apostrophe}est
""")
# What a file's name ends in.
FILE_ENDINGS = any_of("""
    bat bmp c class cgi cpp dll doc docx exe gif gz h htm html jar java jpeg jpg mov mp3 pdf php pl png ppt
    ps py sql tar txt wav x xml zip
""")
