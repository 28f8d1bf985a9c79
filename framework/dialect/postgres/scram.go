package postgres

import (
	"crypto"
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	_ "crypto/sha512" // SHA-384 and SHA-512 of certificates
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// scramPlus is the login by a password that is bound to the TLS channel
// (RFC 5802, 5929, 7677): somebody in between who has a certificate of his own
// cannot pass it on. pgdriver knows the login without that.
const scramPlus = "SCRAM-SHA-256-PLUS"

const gs2 = "p=tls-server-end-point,,"

// maxIterations bounds the work that a server can ask of us before it has proved
// that it knows the password.
const maxIterations = 10_000_000

// scram is one login.
type scram struct {
	password string
	binding  []byte // the hash of the server's certificate
	nonce    string // ours

	serverSignature []byte
}

func newScram(password string, binding []byte) (*scram, error) {
	raw := make([]byte, 18)
	if _, err := rand.Read(raw); err != nil {
		return nil, err
	}
	return &scram{password: password, binding: binding, nonce: base64.StdEncoding.EncodeToString(raw)}, nil
}

// first is the client's first message. The user is the one of the login.
func (s *scram) first() string { return gs2 + s.firstBare() }

func (s *scram) firstBare() string { return "n=,r=" + s.nonce }

// final answers the server's first message.
func (s *scram) final(challenge string) (string, error) {
	var nonce string
	var salt []byte
	var iterations int
	for field := range strings.SplitSeq(challenge, ",") {
		name, value, _ := strings.Cut(field, "=")
		switch name {
		case "r":
			nonce = value
		case "s":
			salt, _ = base64.StdEncoding.DecodeString(value)
		case "i":
			iterations, _ = strconv.Atoi(value)
		case "m":
			return "", errors.New("the server demands an extension of SCRAM that is not known")
		}
	}
	if !strings.HasPrefix(nonce, s.nonce) || len(nonce) == len(s.nonce) || len(salt) == 0 || iterations < 1 || iterations > maxIterations {
		return "", errors.New("the server's part of the SCRAM login is malformed")
	}
	salted, err := pbkdf2.Key(sha256.New, s.password, salt, iterations, sha256.Size)
	if err != nil {
		return "", err
	}
	without := "c=" + base64.StdEncoding.EncodeToString(append([]byte(gs2), s.binding...)) + ",r=" + nonce
	message := s.firstBare() + "," + challenge + "," + without
	key := mac(salted, "Client Key")
	stored := sha256.Sum256(key)
	proof := mac(stored[:], message)
	for i := range proof {
		proof[i] ^= key[i]
	}
	s.serverSignature = mac(mac(salted, "Server Key"), message)
	return without + ",p=" + base64.StdEncoding.EncodeToString(proof), nil
}

// verify looks at the server's last message: it has to know the password too.
func (s *scram) verify(outcome string) error {
	value, found := strings.CutPrefix(outcome, "v=")
	signature, err := base64.StdEncoding.DecodeString(value)
	if !found || err != nil || s.serverSignature == nil || !hmac.Equal(signature, s.serverSignature) {
		return errors.New("the server could not prove that it knows the password")
	}
	return nil
}

func mac(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}

// endPoint is the binding data of a TLS connection, tls-server-end-point of RFC
// 5929; nil where the certificate's kind has none.
func endPoint(state tls.ConnectionState) []byte {
	if len(state.PeerCertificates) == 0 {
		return nil
	}
	cert := state.PeerCertificates[0]
	h := crypto.SHA256 // also in place of MD5 and SHA-1
	switch cert.SignatureAlgorithm {
	case x509.SHA384WithRSA, x509.ECDSAWithSHA384, x509.SHA384WithRSAPSS:
		h = crypto.SHA384
	case x509.SHA512WithRSA, x509.ECDSAWithSHA512, x509.SHA512WithRSAPSS:
		h = crypto.SHA512
	case x509.PureEd25519, x509.UnknownSignatureAlgorithm:
		return nil
	}
	sum := h.New()
	sum.Write(cert.Raw)
	return sum.Sum(nil)
}

// noBindingError says that a login was not bound to its channel although the
// address insists on that.
type noBindingError struct{ why string }

func (e *noBindingError) Error() string {
	return fmt.Sprintf("channel_binding=require, but %s: leave it out of the address, and use sslmode=verify-full, which proves who the server is by its certificate", e.why)
}
