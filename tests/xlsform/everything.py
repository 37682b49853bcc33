"""A definition that says everything that one may say, in two languages."""

from __future__ import annotations

EVERYTHING = """
checklist: everything
version: "2026.10"
language: en
title: Everything
minimum_age: 50
questions_at_start: [T, N]
facts:
  - about: N
    title: Name
    subject: person
    questions:
      - {question: N, fact: name, type: text, say: Your name?, required: yes, required_message: Needed, max_length: 60}
  - about: T
    title: Home
    subject: home
    questions:
      - question: T
        fact: tenure
        type: one-of
        list: tenures
        say: Owned?
      - {question: P, fact: postcode, type: postcode, say: Postcode?}
sections:
  - section: A
    title: First
    questions:
      - question: A1
        subject: home
        type: yes-no
        private: yes
        never_prefilled: yes
        say: "Smoke: in here?"
        short: smoke
        prompt: |-
          Do not lecture.
          Look around.
        relevant: ${tenure} != 'owner' and ${postcode_district} != 'AY1'
        follow_ups:
          - {question: A1a, type: any-of, private: no, subject: person, say: Which?, other: yes,
             choices: [{choice: bed, label: in bed}, {choice: none, label: none of these, exclusive: yes}]}
          - {question: A1b, type: text, say: Why?}
          - {question: A1c, type: level, evidence: A1b, say: How bad?,
             choices: [{choice: low, label: low}, {choice: 2 or more, label: high}]}
        details:
          - {question: A1d, type: long-text, say: Tell me, max_length: 300}
          - {question: A1e, type: long-text, appearance: multiline, say: And more}
        offers:
          - service: fire-visit
            when: ${A1} = 'yes'
            subject: home
            urgency: soon
            raise:
              - {to: urgent, when: "selected(${A1a}, 'bed')", because: in bed, health: yes}
              - {to: immediate, when: "selected(${A1a}, 'bed') and ${A1} = 'yes'"}
            packs: [ADDR, {pack: LTC, when: "${tenure} = 'owner'"}, DOB]
            fields: [A1d, A1a]
            otherwise: energy-advice
            signposted: [{to: landlord, when: "${tenure} = 'council'", say: They do it.}]
          - {service: fire-visit, when: "${A1} = 'no'"}
        adds_reason:
          - service: fire-visit
            when: ${A1} = 'dont-know'
            subject: person
            raise: [{to: soon, when: true()}]
            packs: [TEN]
            fields: [A1b]
        signposts: [{service: medicines-review, when: "${A1} = 'yes'", subject: person, say: Ask there.}]
        advice: [{advice: tell, when: "${A1} = 'yes'", say: Tell them.}]
      - {question: A2, type: note, say: "Thank you, ${N}", safeguarding: yes, subject: visitor}
      - calculation: early
        value: if(${A1} = 'yes', 1, 0)
        relevant: ${A1} != ''
        label: Early
        kept: {my notes: counted}
  - section: B
    title: Second
    questions:
      - group: g
        title: A group
        relevant: ${early} = 1
        kept: {appearance: field-list}
        questions:
          - repeat: r
            title: Somebody
            relevant: ${early} > 0
            count: ${early} + 1
            kept: {my notes: each}
            questions:
              - {question: R1, type: text, say: Who?, default: "'nobody'", read_only: yes}
              - {question: R2, type: date-time, say: When?, default: now()}
          - {question: B1, type: whole-number, say: How many?, constraint: . > 0, message: More than none}
      - {question: B2, type: decimal, say: How much?, calculation: "${B1} * 2", trigger: [B1], required: "${B1} > 1"}
      - {question: B3, type: range, start: 0, end: 10, step: 0.5, say: How sore?, appearance: vertical}
      - {question: B4, type: range, start: 0, end: 10, say: How glad?}
      - {question: B5, type: rank, say: Which first?, choices: [{choice: a, label: A}, {choice: b, label: B}]}
      - {question: B6, type: any-of, list: wards, filter: "county = ${N}", say: Which?}
      - {question: B7, type: phone, say: Number?}
      - {question: B8, type: time, say: When?}
      - {question: B9, type: date, say: Day?}
      - {question: B10, type: file, say: A picture?}
      - {question: B11, type: file, say: A place?, kept: {type: geopoint, my notes: ask}}
calculations:
  - {calculation: alone, value: "if(${A1} = 'no', 1, 2)", label: Alone, relevant: true(), kept: {my notes: last}}
lists:
  tenures:
    - {choice: owner, label: owner}
    - {choice: council, label: council rent}
    - {choice: none, label: neither, exclusive: yes}
  wards:
    - {choice: w1, label: North, county: a}
    - {choice: w2, county: b}
tables: {figures: figures.csv}
kept:
  settings: {form_id: everything v.1, style: pages}
  sheets:
    notes: {columns: [who, what], rows: [[Jo, wrote this], [Al, "read, this"]]}
"""
WELSH = """
language: cy
title: Popeth
facts: {N: Enw}
sections: {A: Cyntaf}
questions:
  N: {say: Eich enw?, required_message: Ei angen}
  A1: {say: Ysmygu?, short: ysmygu, prompt: Edrychwch.}
  A1a: {choices: {bed: yn y gwely}}
  B1: {message: Mwy na dim}
groups: {g: Grwp, r: Rhywun}
lists: {tenures: {owner: perchen}}
calculations: {early: Cynnar, alone: Ar eich pen}
because: {in bed: yn y gwely}
signposts: {landlord: Nhw sy'n gwneud., medicines-review: Gofynnwch yno.}
advice: {tell: Dywedwch wrthyn nhw.}
"""
