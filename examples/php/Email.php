<?php

/** An email that TurboApiClient sends. A list is addresses with commas between them; an address may have a name: `Name <address>`. */
class Email
{
    /** @var array<string, string> fields of the request, by name */
    private array $fields = [];

    /** @var array<string, string> */
    private array $customHeaders = [];

    public function setFrom(string $address): static
    {
        return $this->set('from', $address);
    }

    public function setToList(string $addresses): static
    {
        return $this->set('to', $addresses);
    }

    public function setCcList(string $addresses): static
    {
        return $this->set('cc', $addresses);
    }

    /** Who gets the email without any copy showing it. */
    public function setBccList(string $addresses): static
    {
        return $this->set('bcc', $addresses);
    }

    public function setSubject(string $subject): static
    {
        return $this->set('subject', $subject);
    }

    /** The text body. */
    public function setContent(string $text): static
    {
        return $this->set('content', $text);
    }

    public function setHtmlContent(string $html): static
    {
        return $this->set('html_content', $html);
    }

    public function addCustomHeader(string $name, string $value): static
    {
        $this->customHeaders[$name] = $value;
        return $this;
    }

    public function removeCustomHeader(string $name): static
    {
        unset($this->customHeaders[$name]);
        return $this;
    }

    /** @return array<string, string> the fields of the request, as a form has them */
    public function getPostParameters(): array
    {
        if ($this->customHeaders === []) {
            return $this->fields;
        }
        $headers = json_encode($this->customHeaders, JSON_THROW_ON_ERROR | JSON_FORCE_OBJECT);
        return $this->fields + ['custom_headers' => $headers];
    }

    private function set(string $field, string $value): static
    {
        $this->fields[$field] = $value;
        return $this;
    }
}
