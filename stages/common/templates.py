"""Chat templates of the models that the recipes name, for a base whose tokenizer has none, or another.

They render what the models' own do, byte for byte: tests/test_templates.py holds them against Mistral's reference tokenizer
and Zephyr's published template.
"""

# Mistral has no turn for a system prompt: it stands before the first question.
MISTRAL = (
    "{{{{ bos_token }}}}{{% set ns = namespace(system='') %}}{{% for message in messages %}}"
    "{{% if message['role'] == 'system' %}}{{% set ns.system = message['content'] ~ '\n\n' %}}"
    "{{% elif message['role'] == 'user' %}}{before}[INST] {{{{ ns.system + message['content'] }}}}{after}[/INST]"
    "{{% set ns.system = '' %}}"
    "{{% else %}} {{{{ message['content'] }}}}{{{{ eos_token }}}}{{% endif %}}{{% endfor %}}"
)
ZEPHYR = (
    "{% for message in messages %}<|{{ message['role'] }}|>\n{{ message['content'] }}{{ eos_token }}\n{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>\n{% endif %}"
)
TEMPLATES: dict[str, str] = {
    "mistral-v0.2": MISTRAL.format(before=" ", after=" "),
    "mistral-v0.3": MISTRAL.format(before="", after=""),
    "zephyr": ZEPHYR,
}
